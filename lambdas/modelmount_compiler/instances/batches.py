"""Instances in other forms than a list: a table with column names, an array."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.signature import Signature


@dataclass(frozen=True, slots=True)
class Table:
    """n rows of JSON scalars, and the names of their columns."""

    columns: tuple[str, ...]
    rows: list[list[Any]]

    def __len__(self) -> int:
        return len(self.rows)


# A list of instances, n rows by column name, or an array of shape (n, k).
Batch = list[Any] | Table | NDArray[Any]


def settle(batch: Table | NDArray[Any], signature: Signature) -> Any:  # noqa: ANN401 (a list or an array)
    """Turn a table or an array into n lists in the order of the model's columns; for a matrix of
    numbers, into a float64 array of shape (n, n_features).

    Raises:
        InputMismatch: the columns aren't the model's.
    """
    if isinstance(batch, Table):
        return _in_order(batch, signature)
    if signature.input == "matrix" and signature.dtype == "number":
        return _matrix(batch, signature)
    return scalars(batch)


def scalars(array: NDArray[Any]) -> list[Any]:
    """Return nested lists of JSON scalars, NaN as None, as it stands in JSON."""
    if array.dtype.kind == "f" and np.isnan(array).any():
        missing, array = np.isnan(array), array.astype(object)
        array[missing] = None
    items: list[Any] = array.tolist()
    return items


def _in_order(batch: Table, signature: Signature) -> list[list[Any]]:
    if signature.columns is None:
        raise InputMismatch(
            "This model was fitted without column names; send instances, or one input.",
            field="$.columns",
        )
    if batch.columns == signature.columns:
        return batch.rows
    places = {name: place for place, name in enumerate(batch.columns)}
    if len(places) < len(batch.columns) or places.keys() != set(signature.columns):
        raise InputMismatch(
            f"The columns are {', '.join(batch.columns)}; "
            f"this model takes {', '.join(signature.columns)}.",
            field="$.columns",
        )
    order = [places[name] for name in signature.columns]
    return [[row[place] for place in order] for row in batch.rows]


def _matrix(array: NDArray[Any], signature: Signature) -> NDArray[np.float64]:
    """Check shape and values by the rules that JSON keeps by itself: it has no infinity."""
    wanted = "k" if signature.n_features is None else signature.n_features
    if array.ndim != 2 or signature.n_features not in (None, array.shape[1]):
        shape = list(array.shape)
        raise InputMismatch(f"The input's shape is {shape}; this model takes [n, {wanted}].")
    if array.dtype.kind not in "buif":
        raise InputMismatch("The input isn't of numbers, and this model takes no others.")
    matrix = np.ascontiguousarray(array, dtype=np.float64)
    if np.isfinite(matrix).all():
        return matrix
    if np.isinf(matrix).any():
        raise InputMismatch("The input has infinite values; send finite ones.")
    if not signature.allows_missing:
        raise InputMismatch("The input has NaN, and this model takes no missing values.")
    return matrix
