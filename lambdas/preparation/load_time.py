"""Measures how long a fresh process takes to load a compiled form, without NumPy's import.

python -m preparation.load_time PATH [RECORDED]

RECORDED holds the record of the compilation, and answers of an original whose environment isn't
this one: the form is asked the same here, and a difference is reported.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np  # noqa: F401 (its import isn't measured)

from preparation.sandbox import report


def main(path: Path, recorded: Path | None = None) -> None:
    """Load the form and report the milliseconds, and how it differs where it does."""
    started = time.perf_counter()
    from modelmount_compiler.program import file  # noqa: PLC0415 (the import is measured)

    program = file.read(path)
    taken = round((time.perf_counter() - started) * 1000, 2)
    found: dict[str, Any] = {"load_ms": taken}
    if recorded is not None:
        found["differs"] = _difference(program, json.loads(recorded.read_bytes()))
    report(json.dumps(found).encode())


def _difference(program: Any, recorded: dict[str, Any]) -> str | None:
    from modelmount_compiler.compilation import Compilation  # noqa: PLC0415 (not measured)
    from preparation import replay  # noqa: PLC0415 (likewise)
    from serving.records import codec  # noqa: PLC0415 (likewise)

    answers = codec.decode(replay.Recorded, recorded["recorded"])
    return replay.check(program, answers, codec.decode(Compilation, recorded["compilation"]))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
