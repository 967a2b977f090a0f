"""Arrays as nested lists of JSON scalars."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_json_values(array: NDArray[Any]) -> list[Any]:
    """Return an array as nested lists of JSON scalars; NaN becomes None."""
    if array.dtype.kind == "f" and np.isnan(array).any():
        missing, array = np.isnan(array), array.astype(object)
        array[missing] = None
    items: list[Any] = array.tolist()
    return items
