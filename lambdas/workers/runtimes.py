"""Finds the runtime that loads and asks a model: the compiler's, or one that runs own code.

A runtime of own code has an `activate` besides. It makes the code beside one model importable, so
its process serves no other.
"""

import importlib
from pathlib import Path
from typing import Protocol, cast

from modelmount_compiler.frameworks import runtime
from modelmount_compiler.frameworks.runtime import Runtime

# Found by name: they stand above the workers, which import them in a process of one model.
OWN_CODE = {"own_code": "own_code.estimators", "script": "own_code.script"}


class OwnCodeRuntime(Runtime, Protocol):
    """A runtime whose models need code of the uploader's own."""

    def activate(self, root: Path, model: Path) -> None:
        """Make the code of the model in a version's folder importable."""


def prepared(name: str, root: Path, model: Path) -> Runtime:
    """Return the runtime of a model, ready to load it.

    Args:
        root: the version's folder.
        model: the model's file.
    """
    if name not in OWN_CODE:
        return runtime.import_runtime(name)
    found = cast(OwnCodeRuntime, importlib.import_module(OWN_CODE[name]))
    found.activate(root, model)
    return found
