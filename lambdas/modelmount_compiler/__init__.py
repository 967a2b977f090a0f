"""Compiles fitted models into programs of NumPy operations, and proves the answers equal.

The names of `__all__` are the public API. Each is imported when it is first used: functions that
only need the records of this package have no NumPy.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelmount_compiler.api.compile import compile  # noqa: A004 (as torch.compile, re.compile)
    from modelmount_compiler.api.program import Program, load
    from modelmount_compiler.api.report import Report
    from modelmount_compiler.convert.registry import converts
    from modelmount_compiler.errors import InputMismatch, ModelRejected
    from modelmount_compiler.signature import Signature

__version__ = "0.1.0"
__all__ = [
    "InputMismatch",
    "ModelRejected",
    "Program",
    "Report",
    "Signature",
    "compile",
    "converts",
    "load",
]
_MODULES = {
    "InputMismatch": "errors",
    "ModelRejected": "errors",
    "Program": "api.program",
    "Report": "api.report",
    "Signature": "signature",
    "compile": "api.compile",
    "converts": "convert.registry",
    "load": "api.program",
}


if not TYPE_CHECKING:  # a type checker would take any name for public

    def __getattr__(name: str) -> object:
        """Import a public name."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
