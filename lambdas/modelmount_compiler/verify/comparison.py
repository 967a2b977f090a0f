"""Two answers to one batch: equal labels, and numbers within a bound."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# |a - b| <= bound * max(|b|, FLOOR): without a floor, saturated probabilities (0 against 1e-20)
# would count as different.
FLOOR = 1e-3
DOUBLE_BOUND = 1e-9
SINGLE_BOUND = 1e-6  # where the original computes in float32 itself

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """How an answer differs from the expected one.

    Attributes:
        flips: values that must be equal and aren't.
        largest: the largest difference of numbers that can be told, in units of the bound's rule.
        row: the first row that isn't as it must be; None where all are, or where `words` says
            what is wrong with the whole answer.
        words: what is wrong; empty where nothing is.
    """

    flips: int = 0
    largest: float = 0.0
    row: int | None = None
    words: str = ""


def compare(expected: Any, found: Any, *, labels: bool, bound: float) -> Difference:  # noqa: ANN401 (what methods return)
    """Compare two answers of the same method: arrays, sparse matrices, frames or lists of arrays.

    Args:
        labels: whether even floats must be equal, because they name classes.
        bound: of the difference of other floats.
    """
    if isinstance(expected, list) != isinstance(found, list):
        return Difference(words=f"is a {_kind(found)}, not a {_kind(expected)}")
    ours, theirs = _arrays(expected), _arrays(found)
    if len(ours) != len(theirs):
        return Difference(words=f"has {len(theirs)} arrays, not {len(ours)}")
    parts = [_compare(a, b, labels, bound) for a, b in zip(ours, theirs, strict=True)]
    wrong = next((part for part in parts if part.words), Difference())
    flips, largest = sum(part.flips for part in parts), max(part.largest for part in parts)
    return Difference(flips, largest, wrong.row, wrong.words)


def is_single(answer: Any) -> bool:  # noqa: ANN401 (as above)
    """Whether an original's answer is in float32."""
    return any(array.dtype == np.float32 for array in _arrays(answer))


def at(answer: Any, row: int) -> Any:  # noqa: ANN401 (as above)
    """Return the answer to one row, for people."""
    parts = [array[row].tolist() for array in _arrays(answer)]
    return parts if isinstance(answer, list) else parts[0]


def _kind(answer: object) -> str:
    return "list of arrays" if isinstance(answer, list) else "single array"


def _arrays(answer: Any) -> list[Array]:  # noqa: ANN401 (as above)
    parts = answer if isinstance(answer, list) else [answer]
    return [np.asarray(p.toarray() if hasattr(p, "toarray") else p) for p in parts]


def _compare(expected: Array, found: Array, labels: bool, bound: float) -> Difference:
    if _dtype(found) != _dtype(expected):
        return Difference(words=f"holds {found.dtype} where the model gives {expected.dtype}")
    if found.shape != expected.shape:
        return Difference(words=f"has shape {found.shape} where the model gives {expected.shape}")
    if expected.dtype.kind == "f" and not labels:
        return _numbers(expected, found, bound)
    if expected.dtype.kind == "O":
        pairs = zip(expected.ravel(), found.ravel(), strict=True)
        differs = np.array([not _equal(a, b, bound) for a, b in pairs], dtype=bool)
        return _flips(differs.reshape(expected.shape))
    differs = expected != found
    if expected.dtype.kind == "f":
        differs &= ~(np.isnan(expected) & np.isnan(found))
    return _flips(differs)


def _dtype(array: Array) -> str:
    """Name the dtype; of strings, the longest one's length says nothing."""
    return "str" if array.dtype.kind == "U" else array.dtype.str


def _flips(differs: NDArray[np.bool_]) -> Difference:
    if not differs.any():
        return Difference()
    return Difference(int(differs.sum()), 0.0, int(differs.nonzero()[0][0]), "differs")


def _numbers(expected: Array, found: Array, bound: float) -> Difference:
    a, b = found.astype(np.float64), expected.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        apart = np.abs(a - b) / np.maximum(np.abs(b), FLOOR)
    apart[same] = 0.0
    told = apart[np.isfinite(apart)]
    largest = float(told.max()) if told.size else 0.0
    wrong = ~(apart <= bound)  # NaN against a number is wrong too
    if not wrong.any():
        return Difference(largest=largest)
    return Difference(0, largest, int(wrong.nonzero()[0][0]), f"differs by more than {bound:g}")


def _equal(expected: object, found: object, bound: float) -> bool:
    """Whether two Python objects are the same to a reader of JSON."""
    if type(expected) is not type(found):
        return False
    if isinstance(expected, float) and isinstance(found, float):
        return not _numbers(np.array([expected]), np.array([found]), bound).words
    return bool(expected == found)
