"""How either form of a model is asked, and what comes of it: an answer or a refusal."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.instances import inputs
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Method, Signature

Ask = Callable[[Method, list[Any]], Any]

# What the service turns into an answer that says what is wrong with the request.
REFUSALS = (InputMismatch, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no answer, because of this."""

    error: Exception

    @property
    def is_told(self) -> bool:
        """Whether whoever asked is told what to do."""
        return isinstance(self.error, REFUSALS)


def of_estimator(estimator: Any, signature: Signature) -> Ask:  # noqa: ANN401 (any estimator)
    """Return how the original is asked."""
    typed = estimators.typed(estimator, signature)

    def ask(method: Method, instances: list[Any]) -> Any:  # noqa: ANN401 (what methods return)
        return getattr(estimator, method)(typed(inputs.convert(instances, signature)))

    return ask


def of_program(program: Program, signature: Signature) -> Ask:
    """Return how the compiled form is asked."""

    def ask(method: Method, instances: list[Any]) -> Any:  # noqa: ANN401 (as above)
        return program.run(method, inputs.plain(instances, signature))

    return ask


def answer(ask: Ask, method: Method, instances: list[Any]) -> Any:  # noqa: ANN401 (as above)
    """Ask; every way not to answer becomes a `Refused`."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return ask(method, instances)
    except MemoryError:
        raise
    except Exception as error:
        return Refused(error)
