"""Reads a pickle as joblib writes it, with the bytes of arrays among the opcodes.

A scanner that doesn't know where an array ends stops there, or takes its bytes for opcodes.
This module follows `joblib.numpy_pickle.NumpyUnpickler` and `NumpyArrayWrapper.read_array`.
"""

import math
from collections.abc import Sequence
from typing import Any

from preparation.scan.inert_unpickler import (
    BoundedFile,
    Dtype,
    Global,
    InertUnpickler,
    Made,
    Suspicious,
)

WRAPPER = Global("joblib.numpy_pickle", "NumpyArrayWrapper")
# Protocols 0 and 1 make one by copyreg._reconstructor(NumpyArrayWrapper, object, None).
RECONSTRUCTOR = Global("copyreg", "_reconstructor")
RECONSTRUCTED = (WRAPPER, Global("builtins", "object"), None)
STATE = {"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"}
MISUSED = "it uses joblib's arrays in a way that joblib doesn't"


class _Wrapper(Made):
    """Stands for an array whose bytes follow once its state is set."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}


class _Memo(dict[int, object]):
    """Counts how often a wrapper, or their class, was fetched once more."""

    fetched = 0

    def __getitem__(self, key: int) -> object:
        value = super().__getitem__(key)
        self.fetched += isinstance(value, _Wrapper) or value == WRAPPER
        return value


class InertJoblibUnpickler(InertUnpickler):
    """Goes through one pickle, and over its arrays.

    Were a wrapper to reach some function, what that makes of it would decide where the loader goes
    on reading, unseen. So each wrapper, or their class, that comes onto the stack is counted, and
    each that becomes an array is taken off the count: in the end it must be zero.
    """

    memo: dict[int, object]

    def __init__(self, file: BoundedFile, named: dict[Global, None]) -> None:
        super().__init__(file, named)
        self.memo = self._memo = _Memo()
        self._unread = 0

    def load(self) -> None:
        """Go to the end of the pickle."""
        super().load()
        if self._unread + self._memo.fetched:
            raise Suspicious(MISUSED)

    def find_class(self, module: str, name: str) -> Global:
        """Note the global, and count it when it is the class of wrappers."""
        found = super().find_class(module, name)
        self._unread += found == WRAPPER
        return found

    def call(self, function: object, arguments: Sequence[Any]) -> object:
        """Return what stands for the result: a wrapper, when it is made as joblib makes one."""
        made = super().call(function, arguments)
        if function == WRAPPER and len(arguments) == 0:
            return _Wrapper()
        if function == RECONSTRUCTOR and tuple(arguments) == RECONSTRUCTED:
            return _Wrapper()
        if WRAPPER in arguments:
            raise Suspicious(MISUSED)
        return made

    def build(self, made: object, state: Any) -> object:  # whatever a pickle holds
        """Give an object its state, and pass over the array when one follows."""
        if not isinstance(made, _Wrapper):
            return super().build(made, state)
        if not isinstance(state, dict) or not state.keys() <= STATE:
            raise Suspicious("it has an array with a state that joblib doesn't write")
        made.state |= state
        self._unread -= 1
        self._pass_array(made.state)
        return Made()

    def _pass_array(self, state: dict[str, Any]) -> None:
        shape, dtype = state["shape"], state["dtype"]
        sound = isinstance(dtype, Dtype) and dtype.itemsize > 0 and isinstance(shape, tuple)
        if not sound or not all(type(length) is int and length >= 0 for length in shape):
            raise Suspicious("it has an array of a shape or dtype that joblib doesn't write")
        if dtype.hasobject:
            self._pass_objects()
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self.file.skip(self.file.read(1)[0])
        self.file.skip(math.prod(shape) * dtype.itemsize)

    def _pass_objects(self) -> None:
        """Read the pickle of an array of objects, which is a plain one."""
        inner = InertUnpickler(self.file, self.named)
        inner.find_class = self.find_class  # type: ignore[method-assign] # as joblib does
        inner.load()
