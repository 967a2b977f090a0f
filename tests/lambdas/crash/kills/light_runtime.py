"""Stands in for a runtime where only the way of its report matters: imports no library."""

import pickle
from pathlib import Path
from typing import Any

from modelmount_compiler.signature import Signature

PACKAGES: tuple[str, ...] = ()


def load(path: Path, fmt: str) -> Any:
    return pickle.loads(path.read_bytes())


def describe(loaded: Any) -> Signature:
    return Signature("matrix", "number", 1, None, False, ("predict",))
