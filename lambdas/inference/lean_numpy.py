"""NumPy without its type aliases until code uses one, which saves a sixth of a cold start.

`numpy.linalg` annotates with `NDArray`, and so does our own code; for that, NumPy 2.4 builds some
two hundred `Literal` and `Union` types, which takes 23 of the 93 ms that its import takes here.
Code that uses more than `NDArray` gets the real module.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

DEFERRED = ("numpy._typing", "numpy.typing")


class NDArray:
    """Stands in annotations for `numpy.typing.NDArray`."""

    def __class_getitem__(cls, dtype: object) -> type["NDArray"]:
        return cls


class _Deferred(ModuleType):
    NDArray = NDArray

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.__path__ = [str(folder)]  # so that modules below it can be imported alone

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system asks for some that may be missing
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def load() -> None:
    """Import NumPy without its aliases; where it is imported already, change nothing."""
    found = importlib.util.find_spec("numpy")
    if found is None or found.origin is None or "numpy" in sys.modules:
        return
    for name in DEFERRED:
        folder = Path(found.origin).with_name(name.partition(".")[2])
        sys.modules[name] = _Deferred(name, folder)
    numpy = importlib.import_module("numpy")
    for name in DEFERRED:
        setattr(numpy, name.partition(".")[2], sys.modules[name])
