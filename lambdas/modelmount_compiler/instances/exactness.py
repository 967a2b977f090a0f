"""Refuses integers that would change silently on their way into a double."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch

EXACT = 2.0**53  # doubles hold all integers up to it


def refusal(value: int) -> str:
    """Say of an integer that no double holds it, and what to do."""
    return (
        "a whole number that no double holds, and this model takes doubles here; the nearest is "
        f"{int(float(value))}."
    )


def check_matrix(array: NDArray[Any], matrix: NDArray[np.float64]) -> None:
    """Raise `InputMismatch` if a number of `array` isn't the same in `matrix`, made from it."""
    if array.dtype.kind == "f" and array.dtype.itemsize <= matrix.dtype.itemsize:
        return
    suspects = np.argwhere(np.abs(matrix) >= EXACT) if array.dtype.itemsize >= 8 else ()
    for row, column in suspects:
        value = array[row, column].item() if array.dtype.kind in "iu" else array[row, column]
        if value != matrix[row, column].item():
            raise InputMismatch(
                f"instances[{row}][{column}] is {refusal(int(value))}",
                field=f"$.instances[{row}][{column}]",
            )
