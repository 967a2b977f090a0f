"""Predictors call a model, original or compiled, and catch its refusals."""

import contextlib
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.instances import inputs
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.verify.fitted_data import FittedData, Unclear

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


def from_estimator(
    estimator: Any,
    signature: Signature,
    watch: Watch = unwatched,
    fitted: FittedData | None = None,
) -> Predictor:
    """Return a predictor that calls the original, each time in a context of `watch`.

    Args:
        fitted: builds what the original is asked about; where that is unclear, or without it, the
            instances are converted as they are for a request.
    """
    prepare = estimators.input_converter(estimator, signature)

    def predict(method: Method, instances: list[Any]) -> Any:
        converted = inputs.for_estimator(instances, signature)
        if fitted is not None:
            with contextlib.suppress(Unclear):
                converted = fitted.batch(instances)
        batch = prepare(converted)
        with watch(len(instances)):
            return getattr(estimator, method)(batch)

    return predict


def from_program(program: Program, signature: Signature) -> Predictor:
    """Return a predictor that runs the compiled program."""

    def predict(method: Method, instances: list[Any]) -> Any:
        return program.run(method, inputs.for_program(instances, signature))

    return predict


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
