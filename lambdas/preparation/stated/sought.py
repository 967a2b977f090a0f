"""The versions in a pickle that can't be read to where it states them: its bytes are searched."""

import re
from pathlib import Path

from preparation.stated import boosters
from preparation.stated.stated import SCIKIT_LEARN
from serving.formats import compression

MAX_BYTES = 256 * 1024 * 1024
OVERLAP_BYTES = 128
# After the key: the opcode that memoizes it, then that of a text, with its length.
SKLEARN = re.compile(
    rb"_sklearn_version(?:\x94|q.|r.{4}|\np\d+\n)?(?:\x8c.|X.{4}|V)"
    rb"(\d+(?:\.\d+)+(?:(?:a|b|rc|\.dev|\.post)\d+)?)",
    re.DOTALL,
)


def versions(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the versions by distribution, up to the limit or the first damage."""
    found: dict[str, dict[str, None]] = {}
    before, size = b"", 0
    try:
        for chunk in compression.chunks(path):
            data = before + chunk
            for hit in SKLEARN.finditer(data):
                found.setdefault(SCIKIT_LEARN, {})[hit[1].decode("ascii")] = None
            for name, version in boosters.versions(data).items():
                found.setdefault(name, {})[version] = None
            before, size = chunk[-OVERLAP_BYTES:], size + len(chunk)
            if size > MAX_BYTES:
                break
    except (*compression.DAMAGED, OSError):
        pass
    return {name: tuple(of) for name, of in found.items()}
