"""Reads in a child process what an upload that is no pickle states.

python -m preparation.stated.reading PATH FORMAT MAX_BYTES ROOT
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from preparation.sandbox import report
from preparation.stated import beside, native_file, skops_file
from preparation.stated.stated import Stated
from serving.records import codec


def main(path: Path, fmt: str, max_bytes: int, root: Path) -> None:
    """Report what the file says, and those beside it. A fault in it is the loader's to tell."""
    report(json.dumps(found_in(path, fmt, max_bytes, root)).encode())


def found_in(path: Path, fmt: str, max_bytes: int, root: Path) -> dict[str, Any]:
    """Return what the file says, and those beside it."""
    try:
        found = skops_file.of(path, max_bytes) if fmt == "skops" else native_file.of(path, fmt)
    except Exception:
        found = Stated()
    return {"stated": codec.encode(with_beside(found, path, root))}


def with_beside(found: Stated, path: Path, root: Path) -> Stated:
    """Return what was found, with what the files beside the model give."""
    given, names = beside.read(path, root)
    return dataclasses.replace(found, beside=given, beside_in=names)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
