"""Reads a pickle as joblib writes it, with the bytes of arrays among the opcodes.

A scanner that doesn't know where an array ends stops there, or takes its bytes for opcodes.
This module follows `joblib.numpy_pickle.NumpyUnpickler` and `NumpyArrayWrapper.read_array`.
"""

import math
from collections.abc import Sequence
from typing import Any

from modelmount_compiler.frameworks.loading_policy.globals import Global
from modelmount_compiler.frameworks.loading_policy.policy import RECONSTRUCTOR
from modelmount_compiler.frameworks.loading_policy.record import Record
from modelmount_compiler.frameworks.loading_policy.values import Made
from preparation.scan.bounded_file import BoundedFile
from preparation.scan.inert_unpickler import InertUnpickler
from preparation.scan.inert_values import ARRAY, Suspicious, is_sound

WRAPPER = Global("joblib.numpy_pickle", "NumpyArrayWrapper")
# Protocols 0 and 1 make one by copyreg._reconstructor(NumpyArrayWrapper, object, None).
RECONSTRUCTED = (WRAPPER, Global("builtins", "object"), None)
STATE = {"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"}
SUBCLASSES = [Global("numpy", name) for name in ("ndarray", "matrix", "memmap")]
MISUSED = "it uses joblib's arrays in a way that joblib doesn't"


class _Wrapper(Made):
    """Stands for an array whose bytes follow once its state is set."""

    def __init__(self) -> None:
        super().__init__(str(WRAPPER))


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

    def __init__(self, file: BoundedFile, record: Record) -> None:
        super().__init__(file, record)
        self.memo = self._memo = _Memo()
        self._unread = 0

    def load(self) -> Any:
        """Go to the end of the pickle."""
        loaded = super().load()
        if self._unread + self._memo.fetched:
            raise Suspicious(MISUSED)
        return loaded

    def find_class(self, module: str, name: str) -> Global:
        """Note the global, and count it when it is the class of wrappers."""
        found = super().find_class(module, name)
        self._unread += found == WRAPPER
        return found

    def call(self, function: object, arguments: Sequence[Any]) -> Any:
        """Return what stands for the result: a wrapper, when it is made as joblib makes one."""
        is_reconstructed = tuple(arguments) == RECONSTRUCTED
        if isinstance(function, Global) and str(function) == RECONSTRUCTOR and is_reconstructed:
            return _Wrapper()
        if WRAPPER in arguments:
            raise Suspicious(MISUSED)
        return super().call(function, arguments)

    def new(self, made: object, arguments: Sequence[Any]) -> Any:
        """Return a wrapper, or what stands for another object."""
        if made == WRAPPER and len(arguments) == 0:
            return _Wrapper()
        if WRAPPER in arguments:
            raise Suspicious(MISUSED)
        return super().new(made, arguments)

    def build(self, made: object, state: Any) -> object:  # whatever a pickle holds
        """Give an object its state, and pass over the array when one follows."""
        if not isinstance(made, _Wrapper):
            return super().build(made, state)
        if made.has_state or not isinstance(state, dict) or not state.keys() <= STATE:
            raise Suspicious("it has an array with a state that joblib doesn't write")
        made.has_state = True
        self._unread -= 1
        array = self.record.noted(Made(ARRAY))
        array.state = self._passed_array(dict(state))
        return array

    def _passed_array(self, state: dict[str, Any]) -> object:
        shape, dtype = state["shape"], state["dtype"]
        if not is_sound(shape, dtype) or dtype.itemsize == 0 or state["subclass"] not in SUBCLASSES:
            raise Suspicious("it has an array of a shape or dtype that joblib doesn't write")
        if dtype.hasobject:
            if state.get("allow_mmap"):
                raise Suspicious("it would map an array of objects")
            return self._passed_objects()
        if state.get("numpy_array_alignment_bytes") is not None:
            self.file.skip(self.file.read(1)[0])
        self.file.skip(math.prod(shape) * dtype.itemsize)
        return None

    def _passed_objects(self) -> object:
        """Read the pickle of an array of objects, which is a plain one."""
        inner = InertUnpickler(self.file, self.record)
        inner.find_class = self.find_class  # type: ignore[method-assign] # as joblib does
        return inner.load()
