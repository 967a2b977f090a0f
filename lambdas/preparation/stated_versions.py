"""The library versions that a pickle itself states, for a refusal that is due to them.

What another version saved can fail in many ways: a class that is gone, an attribute that is new, an
array of another form. The one thing to do is the same, so it comes first. Nothing is loaded: the
bytes are searched for what scikit-learn and XGBoost write.
"""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from serving.errors import UploadRejected
from serving.formats import compression

MAX_BYTES = 256 * 1024 * 1024
OVERLAP_BYTES = 128
MAX_REASON = 400
# Codes of refusals that another version can be the cause of.
EXPLAINED = ("UNSAFE_PICKLE", "CORRUPT_FILE", "LOAD_FAILED", "MISSING_CODE")
# After the key: the opcode that memoizes it, then that of a text, with its length.
SKLEARN = re.compile(
    rb"_sklearn_version(?:\x94|q.|r.{4}|\np\d+\n)?(?:\x8c.|X.{4}|V)"
    rb"(\d+(?:\.\d+)+(?:(?:a|b|rc|\.dev|\.post)\d+)?)",
    re.DOTALL,
)
# In UBJSON and in JSON.
XGBOOST = (
    re.compile(rb"\x07version\[#L\0{7}\x03i(.)i(.)i(.)", re.DOTALL),
    re.compile(rb'"version":\s*\[(\d+),\s*(\d+),\s*(\d+)\]'),
)


def explained(error: UploadRejected, path: Path) -> UploadRejected:
    """Return the refusal with the version as its reason, where the file states another one."""
    skew = _skew(path) if error.rejection_code in EXPLAINED else None
    if skew is None:
        return error
    return UploadRejected(
        "VERSION_SKEW", f"{skew} What happens otherwise: {str(error)[:MAX_REASON]}"
    )


def _skew(path: Path) -> str | None:
    """Return what there is to say of the first version that isn't this deployment's."""
    for data in _searched(path):
        if found := SKLEARN.search(data):
            stated = found[1].decode("ascii")
            if stated != (here := _installed("scikit-learn")):
                return (
                    f"It was saved with scikit-learn {stated}, and this deployment runs {here}. "
                    "Save it again with that version."
                )
        if found := next((hit for p in XGBOOST if (hit := p.search(data))), None):
            stated = ".".join(_number(part) for part in found.groups())
            if stated.split(".")[:2] != (here := _installed("xgboost-cpu")).split(".")[:2]:
                return (
                    f"It was pickled with XGBoost {stated}, and this deployment runs {here}. "
                    "Save it with save_model there, as .ubj, or pickle it again with that version."
                )
    return None


def _searched(path: Path) -> Iterator[bytes]:
    """Yield the content in pieces that overlap, up to the limit or the first damage."""
    before, size = b"", 0
    try:
        for chunk in compression.chunks(path):
            yield before + chunk
            before, size = chunk[-OVERLAP_BYTES:], size + len(chunk)
            if size > MAX_BYTES:
                return
    except (*compression.DAMAGED, OSError):
        return


def _number(part: bytes) -> str:
    return part.decode("ascii") if part.isdigit() else str(part[0])


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
