"""Reads a pickle without importing, building or calling anything that it names.

This is Python's own `pickle._Unpickler`, with which joblib loads. Here every global is an inert
`Global`, and every call returns an inert `Made`. The scan therefore sees what a load would do.
"""

import pickle
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from modelmount_compiler.frameworks.loading_policy import calls
from modelmount_compiler.frameworks.loading_policy.globals import Global, modern
from modelmount_compiler.frameworks.loading_policy.record import Record
from modelmount_compiler.frameworks.loading_policy.values import Made
from preparation.scan.bounded_file import BoundedFile
from preparation.scan.inert_values import ARRAY, Dtype, Suspicious, check_array_state

DTYPE = "numpy.dtype"
# Calls whose results decide how the rest is read: the bytes of dtypes and of arrays.
BYTES: dict[str, Callable[..., bytes | bytearray]] = {
    "_codecs.encode": lambda text, _: text.encode("latin1"),
    "builtins.bytes": bytes,
    "builtins.bytearray": bytearray,
}
NO_PICKLERS = "it has the opcode {}, which no pickler writes for a model"

REFUSED = ("DUP", "INST", "OBJ", "NEWOBJ_EX", "PERSID", "BINPERSID")


def _refusing(opcode: str) -> Callable[[Any], None]:
    def refuse(_: Any) -> None:
        raise Suspicious(NO_PICKLERS.format(opcode))

    return refuse


class InertUnpickler(pickle._Unpickler):
    """Reads one pickle; `record` gathers what it would do."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(pickle._Unpickler.dispatch)
    stack: list[Any]
    proto: int
    _unframer: Any

    def __init__(self, file: BoundedFile, record: Record) -> None:
        super().__init__(file)
        self.file = file
        self.record = record

    def load(self) -> Any:
        """Read to the end of the pickle, and return what stands for its object."""
        loaded = super().load()
        frame = self._unframer.current_frame
        if frame and frame.read(1):
            raise Suspicious("it hides bytes after its end")
        return loaded

    def find_class(self, module: str, name: str) -> Global:
        """Note the global under the name that Python 3 has for it."""
        found = modern(module, name, self.proto)
        self.record.named[found] = None
        return found

    def get_extension(self, code: int) -> None:
        """Refuse the code, because the loading process decides which global it stands for."""
        raise Suspicious(f"it uses the extension code {code}")

    def call(self, function: object, arguments: Sequence[Any]) -> Any:
        """Return a stand-in for the result of a call."""
        if not isinstance(function, Global):
            raise Suspicious("it calls what isn't named but came out of another call")
        made = calls.made_by(function, arguments, self.record.policy)
        if made is None:
            return self.record.refused_call(function)
        if str(function) == DTYPE:
            return self.record.noted(Dtype(*arguments))
        if by_bytes := BYTES.get(str(function)):
            return by_bytes(*arguments)
        return self.record.noted(made)

    def new(self, made: object, arguments: Sequence[Any]) -> Any:
        """Return a stand-in for an object that gets its state later."""
        if not isinstance(made, Global):
            raise Suspicious("it makes objects of what isn't named")
        found = calls.new(made, arguments, self.record.policy)
        return self.record.refused_call(made) if found is None else self.record.noted(found)

    def build(self, made: object, state: Any) -> object:  # whatever a pickle holds
        """Return a stand-in for the object with its state."""
        if not isinstance(made, Made):
            raise Suspicious(f"it sets attributes of {made}")
        if made.has_state:
            raise Suspicious("it gives an object its state a second time")
        if isinstance(made, Dtype):
            made.restore(state)
            return made
        if made.made_of == ARRAY:
            check_array_state(state)
        made.has_state = True
        made.state = state
        self.record.note_version(state)
        return made

    def _load_reduce(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = self.call(self.stack[-1], arguments)

    def _load_newobj(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = self.new(self.stack[-1], arguments)

    def _load_build(self) -> None:
        state = self.stack.pop()
        self.stack[-1] = self.build(self.stack[-1], state)

    dispatch[pickle.REDUCE[0]] = _load_reduce
    dispatch[pickle.NEWOBJ[0]] = _load_newobj
    dispatch[pickle.BUILD[0]] = _load_build
    dispatch |= {getattr(pickle, opcode)[0]: _refusing(opcode) for opcode in REFUSED}
