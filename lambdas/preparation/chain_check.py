"""Holds what was put together of several objects against the objects themselves."""

import contextlib
from pathlib import Path
from typing import Any

from modelmount_compiler.chain import Chain
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.chain import as_saved, loading
from modelmount_compiler.instances import inputs
from modelmount_compiler.signature import Signature

MOST_ROWS = 24


def check(chain: Chain, folder: Path, loaded: Any, signature: Signature, rows: list[Any]) -> int:
    """Hold what was put together against its objects; return how many rows both answered.

    Raises:
        ModelRejected: the answers differ.
    """
    find, answered = loading.Objects(folder).find, 0
    for method in signature.methods:
        for batch in [[row] for row in rows] + [rows]:
            with contextlib.suppress(InputMismatch):
                given = inputs.for_estimator(batch, signature)
                answered += as_saved.check(chain, find, loaded, given, method)
    return answered
