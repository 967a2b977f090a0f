"""Compares two answers to one batch: labels must be equal, numbers lie within a bound."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The rule is |a - b| <= bound * max(|b|, FLOOR). Without the floor, saturated probabilities
# (0 against 1e-20) would count as different.
FLOOR = 1e-3
FLOAT64_BOUND = 1e-9
FLOAT32_BOUND = 1e-6  # for originals that compute in float32 themselves

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between an answer and the expected one.

    Attributes:
        flips: number of values that must be equal and differ.
        largest: largest finite difference of numbers, relative as in the rule above.
        row: first row that differs; None if no row does, or the whole answer is wrong.
        description: describes the difference for people; empty if there is none.
    """

    flips: int = 0
    largest: float = 0.0
    row: int | None = None
    description: str = ""


def compare(expected: Any, found: Any, *, labels: bool, bound: float) -> Difference:
    """Compare two answers of one method: arrays, sparse matrices, frames or lists of arrays.

    Args:
        expected: the reference's answer.
        found: the compiled program's answer.
        labels: whether floats must be equal too, because they name classes.
        bound: the largest allowed difference of other floats.
    """
    if isinstance(expected, list) != isinstance(found, list):
        return Difference(description=f"is a {_kind(found)}, not a {_kind(expected)}")
    references, candidates = arrays(expected), arrays(found)
    if len(references) != len(candidates):
        return Difference(description=f"has {len(candidates)} arrays, not {len(references)}")
    pairs = zip(references, candidates, strict=True)
    differences = [_compare(a, b, labels, bound) for a, b in pairs]
    wrong = next((d for d in differences if d.description), Difference())
    flips, largest = sum(d.flips for d in differences), max(d.largest for d in differences)
    return Difference(flips, largest, wrong.row, wrong.description)


def is_float32(answer: Any) -> bool:
    """Whether any array of an answer is in float32."""
    return any(array.dtype == np.float32 for array in arrays(answer))


def row_answer(answer: Any, row: int) -> Any:
    """Return the answer to one row as plain values, for messages."""
    values = [array[row].tolist() for array in arrays(answer)]
    return values if isinstance(answer, list) else values[0]


def shorten(value: object) -> str:
    """Return a value as text, of a length that a message can hold."""
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:297]}…"


def _kind(answer: object) -> str:
    return "list of arrays" if isinstance(answer, list) else "single array"


def arrays(answer: Any) -> list[Array]:
    """Return the arrays of an answer, one for each output of a list."""
    outputs = answer if isinstance(answer, list) else [answer]
    return [np.asarray(o.toarray() if hasattr(o, "toarray") else o) for o in outputs]


def _compare(expected: Array, found: Array, labels: bool, bound: float) -> Difference:
    if _dtype_name(found) != _dtype_name(expected):
        return Difference(description=f"holds {found.dtype} where the model gives {expected.dtype}")
    if found.shape != expected.shape:
        return Difference(
            description=f"has shape {found.shape} where the model gives {expected.shape}"
        )
    if expected.dtype.kind == "f" and not labels:
        return _compare_numbers(expected, found, bound)
    if expected.dtype.kind == "O":
        pairs = zip(expected.ravel(), found.ravel(), strict=True)
        differs = np.array([not _equal(a, b, bound) for a, b in pairs], dtype=bool)
        return _compare_exactly(differs.reshape(expected.shape))
    differs = expected != found
    if expected.dtype.kind == "f":
        differs &= ~(np.isnan(expected) & np.isnan(found))
    return _compare_exactly(differs)


def _dtype_name(array: Array) -> str:
    """Return the name of a dtype; all lengths of strings share one name."""
    return "str" if array.dtype.kind == "U" else array.dtype.str


def _compare_exactly(differs: NDArray[np.bool_]) -> Difference:
    if not differs.any():
        return Difference()
    return Difference(int(differs.sum()), 0.0, int(differs.nonzero()[0][0]), "differs")


def _compare_numbers(expected: Array, found: Array, bound: float) -> Difference:
    a, b = found.astype(np.float64), expected.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        apart = np.abs(a - b) / np.maximum(np.abs(b), FLOOR)
    apart[same] = 0.0
    finite = apart[np.isfinite(apart)]
    largest = float(finite.max()) if finite.size else 0.0
    wrong = ~(apart <= bound)  # NaN against a number is wrong too
    if not wrong.any():
        return Difference(largest=largest)
    return Difference(0, largest, int(wrong.nonzero()[0][0]), f"differs by more than {bound:g}")


def _equal(expected: object, found: object, bound: float) -> bool:
    """Whether two Python objects give the same JSON value."""
    if type(expected) is not type(found):
        return False
    if isinstance(expected, float) and isinstance(found, float):
        return not _compare_numbers(np.array([expected]), np.array([found]), bound).description
    return bool(expected == found)
