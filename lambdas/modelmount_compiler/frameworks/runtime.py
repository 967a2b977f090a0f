"""The interface of a runtime: a module of this package that loads and calls original models."""

import importlib
from pathlib import Path
from typing import Any, Protocol, cast

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.signature import Signature


class Runtime(Protocol):
    """A module that loads, describes and calls the models of one framework.

    Attributes:
        PACKAGES: the distributions that its models need.
    """

    PACKAGES: tuple[str, ...]

    def load(self, path: Path, fmt: str) -> Any:  # whatever the file holds
        """Load a model file; raises `ModelRejected` if it can't be served."""

    def describe(self, loaded: Any) -> Signature:
        """Determine inputs, methods and classes; raises `ModelRejected` as `load` does."""

    def Model(self, loaded: Any, signature: Signature) -> Model:  # noqa: N802 (a class)
        """Make what was loaded ready to answer."""


def import_runtime(name: str) -> Runtime:
    """Import the runtime with this name, and the framework with it."""
    return cast(Runtime, importlib.import_module(f"modelmount_compiler.frameworks.{name}"))
