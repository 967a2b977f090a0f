"""Refuses integers that would change silently on their way into a double.

An integer passes where a double is equal to it. From 2^64 on no integer type of 64 bits holds it,
and it is a double that was written with all its digits: JavaScript writes 2^64 as
18446744073709552000, the shortest way to write that double. That passes, too.
"""

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch

EXACT = 2.0**53  # doubles hold all integers up to it
WIDEST = 2**64  # of integer types


def is_exact(value: int) -> bool:
    """Whether an integer is a double, or beyond 64 bits the shortest way to write one."""
    nearest = float(value)
    return value == nearest or (abs(value) >= WIDEST and Decimal(repr(nearest)) == value)


def refusal(value: int) -> str:
    """Say of an integer that no double holds it, and what to do."""
    return (
        "a whole number that no double holds, and this model takes doubles there; the nearest is "
        f"{int(float(value))}."
    )


def check_matrix(array: NDArray[Any], matrix: NDArray[np.float64]) -> None:
    """Raise `InputMismatch` if an integer of `array` isn't the same in `matrix`, made from it."""
    if array.dtype.kind not in "iu" or array.dtype.itemsize < matrix.dtype.itemsize:
        return
    for place in np.argwhere(np.abs(matrix) >= EXACT):
        value = int(array[tuple(place)])
        if not is_exact(value):
            path = "".join(f"[{index}]" for index in place)
            raise InputMismatch(f"instances{path} is {refusal(value)}", field=f"$.instances{path}")
