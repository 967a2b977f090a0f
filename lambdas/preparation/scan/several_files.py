"""Scans the files of an upload of several objects, in one child process.

python -m preparation.scan.several_files MAX_BYTES ROOT [NAME FORMAT]…
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from preparation.sandbox import report
from preparation.scan import pickle_scan
from preparation.stated import reading
from preparation.stated.stated import Stated
from serving.formats.pieces import CODE_BEARING_FORMATS
from serving.records import codec


def main(max_bytes: int, root: Path, files: list[tuple[str, str]]) -> None:
    """Report what all files state, and a refusal, which names its file.

    It is the first that code of the uploader's own doesn't mend, or else the first.
    """
    found = [(name, _found_in(root / name, fmt, max_bytes, root)) for name, fmt in files]
    stated = [codec.decode(Stated, each["stated"]) for _, each in found]
    joined: dict[str, Any] = {"stated": codec.encode(together(stated))}
    refused = [(name, each["rejected"]) for name, each in found if "rejected" in each]
    if refused:
        name, told = min(refused, key=lambda each: bool(each[1].get("needs_code")))
        joined["rejected"] = {**told, "reason": f"{name!r:.200}: {told['reason']}"}
    report(json.dumps(joined).encode())


def _found_in(path: Path, fmt: str, max_bytes: int, root: Path) -> dict[str, Any]:
    if fmt in CODE_BEARING_FORMATS:
        return pickle_scan.found_in(path, fmt, max_bytes, root)
    return reading.found_in(path, fmt, max_bytes, root)


def together(stated: list[Stated]) -> Stated:
    """Return what several files state."""
    versions: dict[str, tuple[str, ...]] = {}
    for each in stated:
        for name, found in each.versions.items():
            versions[name] = _union(versions.get(name, ()), found)
    helpers, modules, untrusted = (
        _union(*(getattr(each, name) for each in stated))
        for name in ("helper_versions", "modules", "untrusted")
    )
    return dataclasses.replace(
        stated[0],
        versions=versions,
        helper_versions=helpers,
        modules=modules,
        untrusted=untrusted,
    )


def _union(*texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for each in texts for text in each))


if __name__ == "__main__":
    pairs = list(zip(sys.argv[3::2], sys.argv[4::2], strict=True))
    main(int(sys.argv[1]), Path(sys.argv[2]), pairs)
