"""Reads a pickle without importing, building or calling anything that it names.

This is Python's own `pickle._Unpickler`, with which joblib loads. Here every global is an inert
`Global`, and every call returns an inert `Made`. The scan therefore sees what a load would do.
"""

import _compat_pickle
import io
import pickle
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

CHUNK_BYTES = 1024 * 1024
# NPY_ITEM_HASOBJECT: https://numpy.org/doc/stable/reference/c-api/types-and-structures.html
HAS_OBJECTS = 1


class Suspicious(Exception):
    """The pickle does something that no pickle written by a `dump` does."""


@dataclass(frozen=True)
class Global:
    """A function or class, by name."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


UNKNOWN_DTYPE = "it has a dtype that numpy doesn't write"
DTYPE = Global("numpy", "dtype")
ENCODE = Global("_codecs", "encode")  # how protocols 0 to 2 write bytes, also those of a dtype


class Made:
    """Stands for the result of a call. It accepts items as a list, dict or set does."""

    def append(self, item: object) -> None:
        """Accept an item or several, and discard them."""

    extend = append
    add = append

    def __setitem__(self, key: object, value: object) -> None:
        """Accept a pair, and discard it."""


class Dtype(Made):
    """Stands for a numpy.dtype: knows the size of an item, and whether it holds objects.

    numpy trusts a dtype's state. A false one could make it read objects as bare pointers.
    """

    def __init__(self, kind: str, align: bool, copy: bool) -> None:
        known = type(kind) is str and re.fullmatch(r"[a-zA-Z][0-9]+", kind)
        if not known or type(align) is not bool or type(copy) is not bool:
            raise Suspicious(UNKNOWN_DTYPE)
        dtype: np.dtype[Any] = np.dtype(kind)
        self.itemsize = dtype.itemsize
        self.hasobject = dtype.hasobject
        self._has_own_size = dtype.kind in "SUV"

    def restore(self, state: tuple[Any, ...]) -> None:
        """Take a state as numpy.dtype.__setstate__ would; refuse one that numpy never writes."""
        _, _, subarray, _, fields, size, _, flags, *_ = state
        parts = [(dtype, offset) for dtype, offset, *_ in (fields or {}).values()]
        if subarray:
            parts.append((subarray[0], 0))
        self.itemsize = size if self._has_own_size else self.itemsize
        for dtype, offset in parts:
            if not isinstance(dtype, Dtype) or not 0 <= offset <= self.itemsize - dtype.itemsize:
                raise Suspicious(UNKNOWN_DTYPE)
        self.hasobject = self.hasobject or any(dtype.hasobject for dtype, _ in parts)
        if self.hasobject != bool(flags & HAS_OBJECTS):
            raise Suspicious(UNKNOWN_DTYPE)


class BoundedFile:
    """A file of which only so many bytes are read, because a compressed one may hold any number."""

    def __init__(self, file: io.BufferedReader, max_bytes: int) -> None:
        self._file = file
        self._left = max_bytes

    def read(self, size: int) -> bytes:
        """Read at most `size` bytes."""
        if size > self._left:  # before memory is allocated for a size that an opcode only claims
            raise MemoryError
        return self._counted(self._file.read(size))

    def readline(self) -> bytes:
        """Read to the end of the line, or to the limit."""
        return self._counted(self._file.readline(self._left))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data

    def skip(self, size: int) -> None:
        """Read `size` bytes and discard them."""
        while size > 0:
            skipped = len(self.read(min(size, CHUNK_BYTES)))
            if not skipped:
                raise EOFError("the data of an array ends too early")
            size -= skipped

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return not self._file.peek(1)


class InertUnpickler(pickle._Unpickler):
    """Reads one pickle; `named` gathers its globals, in order."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(pickle._Unpickler.dispatch)
    stack: list[Any]
    proto: int
    _unframer: Any

    def __init__(self, file: BoundedFile, named: dict[Global, None]) -> None:
        super().__init__(file)
        self.file = file
        self.named = named

    def load(self) -> None:
        """Read to the end of the pickle."""
        super().load()
        frame = self._unframer.current_frame
        if frame and frame.read(1):
            raise Suspicious("it hides bytes after its end")

    def find_class(self, module: str, name: str) -> Global:
        """Note the global under the name that Python 3 has for it."""
        if self.proto < 3:
            module, name = _compat_pickle.NAME_MAPPING.get(
                (module, name), (_compat_pickle.IMPORT_MAPPING.get(module, module), name)
            )
        found = Global(module, name)
        self.named[found] = None
        return found

    def get_extension(self, code: int) -> None:
        """Refuse the code, because the loading process decides which global it stands for."""
        raise Suspicious(f"it uses the extension code {code}")

    def call(self, function: object, arguments: Sequence[Any]) -> object:
        """Return a stand-in for the result."""
        if not isinstance(function, Global):
            raise Suspicious("it calls what isn't named but came out of another call")
        if function == DTYPE:
            return Dtype(*arguments)
        if function == ENCODE and type(arguments[0]) is str and arguments[1:] == ("latin1",):
            return arguments[0].encode("latin1")
        return Made()

    def build(self, made: object, state: Any) -> object:  # whatever a pickle holds
        """Return a stand-in for the object with its state."""
        if isinstance(made, Dtype):
            made.restore(state)
        elif not isinstance(made, Made):
            raise Suspicious(f"it sets attributes of {made}")
        return made

    def _instantiate(self, klass: object, args: list[Any]) -> None:
        self.stack.append(self.call(klass, args))

    def _load_call(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = self.call(self.stack[-1], arguments)

    def _load_newobj_ex(self) -> None:
        self.stack.pop()
        self._load_call()

    def _load_build(self) -> None:
        state = self.stack.pop()
        self.stack[-1] = self.build(self.stack[-1], state)

    def _load_dup(self) -> None:
        raise Suspicious("it has the opcode DUP, which no pickler writes")

    dispatch[pickle.REDUCE[0]] = dispatch[pickle.NEWOBJ[0]] = _load_call
    dispatch[pickle.NEWOBJ_EX[0]] = _load_newobj_ex
    dispatch[pickle.BUILD[0]] = _load_build
    dispatch[pickle.DUP[0]] = _load_dup
