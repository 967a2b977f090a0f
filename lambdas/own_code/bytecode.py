"""Refuses functions whose bytecode another version of Python made.

cloudpickle saves functions as bytecode, and doesn't say whose. Run by another version it may
crash, or do something else in silence. What tells them apart: opcodes that this version hasn't
got, the one that it begins with, and the places that it keeps free behind some. They are looked at
before a code object is made of them, since making one fills these places.
"""

import dis
import opcode
import platform
from types import CodeType, ModuleType
from typing import Any

from modelmount_compiler.errors import ModelRejected

BUILTIN_TYPE = "_builtin_type"  # of cloudpickle, which names the type of code objects by it
UNITS = 2  # bytes of an opcode and its argument
# By number up to Python 3.12, and by name later.
CACHES: Any = getattr(opcode, "_inline_cache_entries", {})
KNOWN = frozenset(dis.opmap.values())
# Every function begins to run with this opcode, behind those that prepare cells and generators.
RESUME = dis.opmap["RESUME"]
PROLOGUE = 64
# How bytecode ends.
LAST = frozenset(
    number
    for name, number in dis.opmap.items()
    if name.startswith(("RETURN", "RAISE", "RERAISE", "JUMP", "INTERPRETER_EXIT"))
)
# Arguments of a code object: how many there are, and which one is the bytecode.
ARGUMENTS = 18
CODE = 6


def watch(cloudpickle: ModuleType) -> None:
    """Check the bytecode of each function that this module makes while it loads a pickle."""
    builtin_type = getattr(cloudpickle, BUILTIN_TYPE)

    def found(name: str) -> Any:
        return _made if name == "CodeType" else builtin_type(name)

    setattr(cloudpickle, BUILTIN_TYPE, found)


def _made(*arguments: Any) -> CodeType:
    """Make a code object; raises `ModelRejected` where another version of Python saved it."""
    if len(arguments) != ARGUMENTS or not fits(arguments[CODE]):
        names = [part for part in arguments if isinstance(part, str)]
        raise ModelRejected(
            "OTHER_PYTHON",
            f"The function {names[-1] if names else '?'} was saved as bytecode by another version "
            f"of Python than {platform.python_version()}, which runs here. Save the model with "
            "that version, or put the function into a file of code/, import it from there, and "
            "save the model again.",
        )
    return CodeType(*arguments)


def fits(raw: bytes) -> bool:
    """Whether this version of Python may have made the bytecode."""
    place = 0
    if RESUME not in raw[: UNITS * PROLOGUE : UNITS] or raw[-UNITS] not in LAST:
        return False
    while place < len(raw):
        number = raw[place]
        if number not in KNOWN:
            return False
        caches = _caches(number)
        place += UNITS
        behind = raw[place : place + UNITS * caches : UNITS]
        if len(behind) < caches or any(behind):
            return False
        place += UNITS * caches
        if place < len(raw) and raw[place] == 0:
            return False  # a free place that this version wouldn't leave
    return True


def _caches(number: int) -> int:
    if isinstance(CACHES, dict):
        return int(CACHES.get(dis.opname[number], 0))
    return int(CACHES[number])
