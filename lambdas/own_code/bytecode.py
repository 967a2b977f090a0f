"""Refuses functions whose bytecode another version of Python made.

cloudpickle saves functions as bytecode, and doesn't say whose. Run by another version it may
crash, or do something else in silence. What tells them apart: opcodes that this version hasn't
got, and the places that it keeps free behind some opcodes.
"""

import dis
import functools
import opcode
import platform
from types import CodeType, ModuleType
from typing import Any

from modelmount_compiler.errors import ModelRejected

MAKER = "_make_function"
UNITS = 2  # bytes of an opcode and its argument
CACHES: dict[Any, int] = getattr(opcode, "_inline_cache_entries", {})
KNOWN = frozenset(dis.opmap.values())


def watch(cloudpickle: ModuleType) -> None:
    """Check each function that this module makes while it loads a pickle."""
    make = getattr(cloudpickle, MAKER)

    @functools.wraps(make)
    def checked(code: CodeType, *rest: Any) -> Any:
        check(code)
        return make(code, *rest)

    setattr(cloudpickle, MAKER, checked)


def check(code: CodeType) -> None:
    """Raise `ModelRejected` where this version of Python didn't make the bytecode."""
    if not fits(code):
        raise ModelRejected(
            "OTHER_PYTHON",
            f"The function {code.co_name} was saved as bytecode by another version of Python than "
            f"{platform.python_version()}, which runs here. Save the model with that version, or "
            "upload the function as a file of code/, and save the model with it imported from "
            "there.",
        )


def fits(code: CodeType) -> bool:
    """Whether this version of Python may have made the bytecode, and all within it."""
    raw, place = code.co_code, 0
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
    return all(fits(inner) for inner in code.co_consts if isinstance(inner, CodeType))


def _caches(number: int) -> int:
    by_name = CACHES.get(dis.opname[number])  # of Python 3.13 and later
    by_number = CACHES[number] if isinstance(CACHES, list) else None
    return by_name or by_number or 0
