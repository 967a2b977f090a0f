"""One module for each way to run a model, imported only when a model needs it.

A runtime module has `load(path, fmt)`, `describe(loaded)` and `Model(loaded, signature)`; the
last is what the cache holds and the service asks.
"""

import importlib
from pathlib import Path
from typing import Any, Protocol, cast

from serving.manifest import Method, Signature


class Model(Protocol):
    """A loaded model, ready to answer."""

    def infer(self, instances: list[Any], method: Method) -> list[Any]:
        """Answer each instance, JSON-ready.

        Raises:
            SignatureMismatch: the instances aren't what the model takes.
        """


class Runtime(Protocol):
    """What a module of this package offers."""

    PACKAGES: tuple[str, ...]

    def load(self, path: Path, fmt: str) -> Any:  # noqa: ANN401 (whatever the file holds)
        """Load the file; raises `UploadRejected` when it can't be served."""

    def describe(self, loaded: Any) -> Signature:  # noqa: ANN401 (as above)
        """Find out what the model takes and gives; raises `UploadRejected` likewise."""

    def Model(self, loaded: Any, signature: Signature) -> Model:  # noqa: N802, ANN401 (a class)
        """Wrap it for serving."""


def runtime(name: str) -> Runtime:
    """Import the runtime of this name."""
    return cast(Runtime, importlib.import_module(f"serving.runtimes.{name}"))
