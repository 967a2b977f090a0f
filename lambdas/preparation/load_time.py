"""Measures how long a fresh process takes to load a compiled form, without NumPy's import.

python -m preparation.load_time PATH
"""

import json
import sys
import time
from pathlib import Path

import numpy as np  # noqa: F401 (its import isn't measured)

from preparation.sandbox import report


def main(path: Path) -> None:
    """Load the form and report the milliseconds."""
    started = time.perf_counter()
    from modelmount_compiler.program import file  # noqa: PLC0415 (the import is measured)

    file.read(path)
    report(json.dumps({"load_ms": round((time.perf_counter() - started) * 1000, 2)}).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
