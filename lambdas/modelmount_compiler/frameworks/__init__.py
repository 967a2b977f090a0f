"""One module for each way to run a model, imported only when a model needs it.

A runtime module has `load(path, fmt)`, `describe(loaded)` and `Model(loaded, signature)`; the
last is what the cache holds and the service asks.
"""

import importlib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Protocol, cast

from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method, Signature


class Model(ABC):
    """A loaded model, ready to answer."""

    @abstractmethod
    def answer(self, batch: Batch, method: Method) -> Any:  # noqa: ANN401 (see `modelmount_compiler.instances.outputs`)
        """Answer n instances, as the estimator gives it: an array of shape (n, …), or a list of
        such arrays, one for each output.

        Raises:
            InputMismatch: the instances aren't what the model takes, or it says so itself.
        """

    def infer(self, batch: Batch, method: Method) -> list[Any]:
        """Answer likewise with n items, JSON-ready."""
        return outputs.rows(self.answer(batch, method))


class Runtime(Protocol):
    """What a module of this package offers."""

    PACKAGES: tuple[str, ...]

    def load(self, path: Path, fmt: str) -> Any:  # noqa: ANN401 (whatever the file holds)
        """Load the file; raises `ModelRejected` when it can't be served."""

    def describe(self, loaded: Any) -> Signature:  # noqa: ANN401 (as above)
        """Find out what the model takes and gives; raises `ModelRejected` likewise."""

    def Model(self, loaded: Any, signature: Signature) -> Model:  # noqa: N802, ANN401 (a class)
        """Wrap it, ready to answer."""


def runtime(name: str) -> Runtime:
    """Import the runtime of this name."""
    return cast(Runtime, importlib.import_module(f"modelmount_compiler.frameworks.{name}"))
