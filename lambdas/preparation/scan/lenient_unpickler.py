"""Goes through a pickle that the scan stopped in, and lets everything be: nothing is made of it.

The scan ends with the first thing that no pickler of today writes. What the file states of its
versions may stand behind that, and is why it looks so.
"""

import contextlib
import pickle
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from modelmount_compiler.frameworks.loading_policy.globals import Global
from modelmount_compiler.frameworks.loading_policy.values import Made
from preparation.scan.inert_joblib import RECONSTRUCTED, WRAPPER, InertJoblibUnpickler, _Wrapper
from preparation.scan.inert_unpickler import BYTES, DTYPE, REFUSED, InertUnpickler
from preparation.scan.inert_values import Dtype


class LenientUnpickler(InertJoblibUnpickler):
    """Notes in the record what each object would be made of."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **InertUnpickler.dispatch,
        **{
            getattr(pickle, opcode)[0]: pickle._Unpickler.dispatch[getattr(pickle, opcode)[0]]
            for opcode in REFUSED
        },
    }
    append: Callable[[Any], None]

    def load(self) -> Any:
        """Go to the end of the pickle."""
        return pickle._Unpickler.load(self)

    def persistent_load(self, _pid: Any) -> Any:
        """Return what stands for an object outside of the file."""
        return Made("persistent")

    def get_extension(self, code: int) -> None:
        """Return what stands for a class by its number."""
        self.append(Global("copyreg", f"extension_{code}"))

    def call(self, function: object, arguments: Sequence[Any]) -> Any:
        """Return what stands for any call's result."""
        if isinstance(function, Global) and tuple(arguments) == RECONSTRUCTED:
            return _Wrapper()
        name = str(function) if isinstance(function, Global) else "unnamed"
        with contextlib.suppress(Exception):
            if name == DTYPE:
                return self.record.noted(Dtype(*arguments))
            if by_bytes := BYTES.get(name):
                return by_bytes(*arguments)
        is_reconstructor = name == "copyreg._reconstructor" and arguments
        made_of = str(arguments[0]) if is_reconstructor else name
        return self.record.noted(Made(made_of, list(arguments)))

    def new(self, made: object, arguments: Sequence[Any]) -> Any:
        """Return what stands for any object."""
        return _Wrapper() if made == WRAPPER else self.call(made, arguments)

    def build(self, made: object, state: Any) -> object:  # whatever a pickle holds
        """Give the object its state; joblib's arrays follow theirs."""
        if isinstance(made, _Wrapper):
            return super().build(made, state)
        if isinstance(made, Dtype):
            with contextlib.suppress(Exception):
                made.restore(state)
        elif isinstance(made, Made):
            made.state, made.has_state = state, True
            self.record.note_version(state)
        return made

    def _instantiate(self, made: object, arguments: Sequence[Any]) -> None:
        """Stand in for what protocols 0 and 1 make of a class."""
        self.append(self.new(made, tuple(arguments)))

    def _load_newobj_ex(self) -> None:
        self.stack.pop()
        arguments = self.stack.pop()
        self.stack[-1] = self.new(self.stack[-1], arguments)

    dispatch[pickle.NEWOBJ_EX[0]] = _load_newobj_ex
