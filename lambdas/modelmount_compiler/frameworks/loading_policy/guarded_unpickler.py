"""Loads a pickle under the policy, whether or not it was scanned.

It is joblib's own unpickler. It resolves only names of the policy, calls only what the policy lets
loading call, and gives states of known attributes alone. The scan also judges arguments and values.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler
from joblib.numpy_pickle_utils import _validate_fileobject_and_memmap as _unpacked

from modelmount_compiler.frameworks.loading_policy import policy
from modelmount_compiler.frameworks.loading_policy.advice import is_installed
from modelmount_compiler.frameworks.loading_policy.globals import Global, modern

PLAIN: dict[int, Callable[[Any], None]] = dict(pickle._Unpickler.dispatch)
REFUSED = ("DUP", "INST", "OBJ", "NEWOBJ_EX", "PERSID", "BINPERSID", "EXT1", "EXT2", "EXT4")


class PolicyViolation(Exception):
    """The file does what no model of the installed libraries needs."""


class _Named:
    """Knows by which names objects were found."""

    def __init__(self) -> None:
        self.policy = policy.for_version()
        self._names: dict[int, tuple[str, object]] = {}

    def allowed(self, found: Global) -> str:
        """Return a name; raises `PolicyViolation` where the policy hasn't got it."""
        name = str(found)
        if not self.policy.may_name(name):
            package = found.module.partition(".")[0]
            if not is_installed(package):
                raise ModuleNotFoundError(f"No module named {package!r}")
            raise PolicyViolation(f"{name} isn't a part of models")
        return name

    def note(self, name: str, value: object) -> None:
        self._names[id(value)] = (name, value)

    def check_call(self, function: object, arguments: Any) -> None:
        name = self._names.get(id(function), ("", None))[0]
        rules = self.policy
        is_called = name in rules.calls or name == policy.RECONSTRUCTOR
        is_made = rules.unpickled_by(name) is not None or "takes" in rules.classes.get(name, {})
        if not is_called and not is_made:
            raise PolicyViolation(f"loading a model never calls {name or function!r}")
        held = {self._names[id(each)][0] for each in arguments if id(each) in self._names}
        if name in rules.calls and not held <= self._takes(rules.calls[name]["takes"]):
            raise PolicyViolation(f"loading a model never calls {name} with {', '.join(held)}")

    def _takes(self, alternatives: list[list[str]]) -> set[str]:
        """Return the names of functions and classes that a call may be given."""
        kinds = {kind for each in alternatives for kind in each}
        named = {kind.partition(" ")[2] for kind in kinds if kind.startswith(("class", "function"))}
        if "type" in kinds:
            named |= self.policy.types
        if "numeric" in kinds:
            named |= self.policy.numeric
        return named | set(policy.GENERATORS if "generator" in kinds else ())

    def check_new(self, cls: object) -> None:
        name = self._names.get(id(cls), ("", None))[0]
        rules = self.policy
        known = (rules.classes, rules.data, rules.calls, (policy.ARRAY_WRAPPER,))
        if not any(name in each for each in known):
            raise PolicyViolation(f"loading a model never makes a {name or cls!r}")

    def check_state(self, made: object, state: Any) -> None:
        name = self._names.get(id(type(made)), ("", None))[0]
        rule = self.policy.classes.get(name)
        if rule is None or "compiled" in rule or type(state) is not dict:
            return
        version = state.get("_sklearn_version")
        if type(version) is str and policy.parsed(version) != self.policy.version:
            return  # scikit-learn says so itself
        for attribute in state:
            if type(attribute) is not str or self.policy.kinds(name, attribute) is None:
                raise PolicyViolation(f"{name} has no attribute {str(attribute)[:80]!r} as data")


def _refuse(opcode: str) -> Callable[[Any], None]:
    def refuse(_: Any) -> None:
        raise PolicyViolation(f"no pickler writes the opcode {opcode} for a model")

    return refuse


class _Guard(pickle._Unpickler):
    """Adds the checks to an unpickler."""

    named: _Named
    stack: list[Any]
    proto: int
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        getattr(pickle, opcode)[0]: _refuse(opcode) for opcode in REFUSED
    }

    def find_class(self, module: str, name: str) -> Any:
        """Return what is named, when the policy has it."""
        allowed = self.named.allowed(modern(module, name, self.proto))
        value = super().find_class(module, name)
        if value is NumpyArrayWrapper:
            value = _wrapper(self.named)
        self.named.note(allowed, value)
        return value

    def _guarded_reduce(self) -> None:
        self.named.check_call(self.stack[-2], self.stack[-1])
        PLAIN[pickle.REDUCE[0]](self)

    def _guarded_newobj(self) -> None:
        self.named.check_new(self.stack[-2])
        PLAIN[pickle.NEWOBJ[0]](self)

    def _guarded_build(self) -> None:
        self.named.check_state(self.stack[-2], self.stack[-1])
        NumpyUnpickler.dispatch[pickle.BUILD[0]](self)

    dispatch[pickle.REDUCE[0]] = _guarded_reduce
    dispatch[pickle.NEWOBJ[0]] = _guarded_newobj
    dispatch[pickle.BUILD[0]] = _guarded_build


class _Unpickler(_Guard, NumpyUnpickler):  # type: ignore[misc] # joblib has no types
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = NumpyUnpickler.dispatch | _Guard.dispatch


class _ObjectsUnpickler(_Guard):
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = (
        PLAIN | _Guard.dispatch | {pickle.BUILD[0]: lambda self: self.build_plainly()}
    )

    def build_plainly(self) -> None:
        """Set a state; there are no arrays of joblib's inside."""
        self.named.check_state(self.stack[-2], self.stack[-1])
        PLAIN[pickle.BUILD[0]](self)


def _wrapper(named: _Named) -> type:
    """Return joblib's class of arrays, whose arrays of objects are read under the same policy."""

    class Wrapper(NumpyArrayWrapper):  # type: ignore[misc] # joblib has no types
        def read_array(self, unpickler: Any, *rest: Any) -> Any:
            if not self.dtype.hasobject:
                return super().read_array(unpickler, *rest)
            inner = _ObjectsUnpickler(unpickler.file_handle)
            inner.named = named
            return inner.load()

    return Wrapper


def load(path: Path) -> Any:
    """Load a file as `joblib.load` does, and map nothing of it.

    Raises:
        PolicyViolation: it does what no model of the installed libraries needs.
    """
    with path.open("rb") as packed, _unpacked(packed, str(path), None) as (unpacked, _):
        if isinstance(unpacked, str):
            raise PolicyViolation("it is of a joblib before 0.10")
        made: Any = _Unpickler  # joblib has no types
        unpickler = made(str(path), unpacked, ensure_native_byte_order=True)
        unpickler.named = _Named()
        return unpickler.load()
