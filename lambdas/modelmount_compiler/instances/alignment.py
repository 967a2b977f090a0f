"""Aligns tables and arrays with the columns of a model."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances.batches import NamedTensors, Table
from modelmount_compiler.instances.json_values import to_json_values
from modelmount_compiler.signature import Signature


def align(
    batch: Table | NamedTensors | NDArray[Any], signature: Signature
) -> Any:  # a list or an array
    """Return the rows of a table or an array in the order of the model's columns.

    Returns:
        a float64 array of shape (n, n_features) for an array of numbers; otherwise n lists.

    Raises:
        InputMismatch: the columns or the values don't fit the model.
    """
    if isinstance(batch, NamedTensors):
        raise InputMismatch("This model takes instances, not named tensors.", field="$.inputs")
    if isinstance(batch, Table):
        return _reordered(batch, signature)
    if signature.input == "matrix" and signature.dtype == "number":
        return _checked_matrix(batch, signature)
    return to_json_values(batch)


def _reordered(batch: Table, signature: Signature) -> list[list[Any]]:
    if signature.columns is None:
        raise InputMismatch(
            "This model was fitted without column names; send instances, or one input.",
            field="$.columns",
        )
    if batch.columns == signature.columns:
        return batch.rows
    positions = {name: position for position, name in enumerate(batch.columns)}
    if len(positions) < len(batch.columns) or positions.keys() != set(signature.columns):
        raise InputMismatch(
            f"The columns are {', '.join(batch.columns)}; "
            f"this model takes {', '.join(signature.columns)}.",
            field="$.columns",
        )
    order = [positions[name] for name in signature.columns]
    return [[row[position] for position in order] for row in batch.rows]


def _checked_matrix(array: NDArray[Any], signature: Signature) -> NDArray[np.float64]:
    """Check shape and values; infinity is refused because JSON, the other form, has none."""
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
