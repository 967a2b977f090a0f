"""Cuts answers into rows, and compares the answers to one row within a tolerance.

Libraries add numbers in an order that depends on how many rows there are, so the last digits of a
sum do too. That is rounding, and no influence. Rounding of float64 is near 1e-16 and of float32
near 1e-7. Long sums, cancellation and many layers lose some digits more. So differences count from
`FLOAT64_TOLERANCE` and `FLOAT32_TOLERANCE` on, a thousand times and more above them. Rows that
influence each other by less than that are taken for independent.

A difference is relative to the largest number of its row, or of the median row if that is larger.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.verify.comparison import arrays

FLOAT64_TOLERANCE = 1e-6
FLOAT32_TOLERANCE = 1e-3

Array = NDArray[Any]
# The answer to one row: an array for each output.
RowAnswer = list[Array]


class Miscounted(Exception):
    """An answer has another number of rows than was asked about."""

    def __init__(self, found: int, rows: int) -> None:
        super().__init__(f"it gives {found} answers to {rows} row{'s' if rows > 1 else ''}")


def row_answers(answer: Any, rows: int) -> list[RowAnswer]:
    """Cut the answer to so many rows; raises `Miscounted`."""
    is_several = isinstance(answer, list) and answer and isinstance(answer[0], np.ndarray)
    outputs = arrays(answer if is_several else [answer])
    for output in outputs:
        found = len(output) if output.ndim else 0
        if found != rows:
            raise Miscounted(found, rows)
    return [[np.asarray(output[i]) for output in outputs] for i in range(rows)]


def size_of(answer: RowAnswer) -> float:
    """Return the largest finite number of a row's answer, without its sign; 0 if there is none."""
    floats = [np.abs(part[np.isfinite(part)]) for part in answer if part.dtype.kind == "f"]
    return max((float(part.max()) for part in floats if part.size), default=0.0)


def differ(one: RowAnswer, other: RowAnswer, median_size: float, *, labels: bool) -> bool:
    """Whether two answers to one row differ by more than rounding explains.

    Args:
        median_size: the size of the median row's answer.
        labels: whether floats must be equal too, because they name classes.
    """
    size = max(size_of(one), size_of(other), median_size)
    return any(_differ(a, b, size, labels) for a, b in zip(one, other, strict=True))


def _differ(one: Array, other: Array, size: float, labels: bool) -> bool:
    if one.dtype.kind != other.dtype.kind or one.shape != other.shape:
        return True
    if one.dtype.kind == "O":
        pairs = zip(one.ravel(), other.ravel(), strict=True)
        return any(_objects_differ(a, b, size, labels) for a, b in pairs)
    if one.dtype.kind not in "fc":
        return bool((one != other).any())
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    if labels:
        return not bool(same.all())
    is_single = np.float32 in (one.dtype, other.dtype) or np.float16 in (one.dtype, other.dtype)
    bound = (FLOAT32_TOLERANCE if is_single else FLOAT64_TOLERANCE) * size
    with np.errstate(all="ignore"):
        close = np.abs(one.astype(np.float64) - other.astype(np.float64)) <= bound
    return not bool((same | close).all())


def _objects_differ(one: object, other: object, size: float, labels: bool) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return _differ(np.array([one]), np.array([other]), size, labels)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _differ(one, other, size, labels)
    missing = one != one and other != other  # noqa: PLR0124 (NaN, NaT)
    return type(one) is not type(other) or not (missing or bool(one == other))
