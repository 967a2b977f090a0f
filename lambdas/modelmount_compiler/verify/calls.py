"""Calls of a model, original or compiled: each ends in an answer or in a refusal.

This module imports no framework.
"""

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.signature import Method

# Calls one method on a batch of JSON instances.
Predictor = Callable[[Method, list[Any]], Any]
# Makes a context in which so many rows are asked about.
Watch = Callable[[int], AbstractContextManager[None]]

# These errors blame the input; the service explains them to the caller.
INPUT_ERRORS = (InputMismatch, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that ended in an error instead of an answer."""

    error: Exception

    @property
    def is_input_error(self) -> bool:
        """Whether the service would explain this error to the caller."""
        return isinstance(self.error, INPUT_ERRORS)


def unwatched(_rows: int) -> AbstractContextManager[None]:
    """Return a context that does nothing."""
    return nullcontext()


def try_predict(predictor: Predictor, method: Method, instances: list[Any]) -> Any:
    """Return the answer, or a `Refusal` for any error except a lack of memory."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return predictor(method, instances)
    except MemoryError:
        raise
    except Exception as error:
        return Refusal(error)
