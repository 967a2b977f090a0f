"""Instances of any kind as own code takes them, and what it gives back as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.instances.batches import Table
from serving.api.raw_bodies import Written


def as_json(batch: Any) -> list[Any]:
    """Return instances as JSON has them: those of a table as objects by column."""
    if isinstance(batch, Table):
        return [dict(zip(batch.columns, row, strict=True)) for row in batch.rows]
    return batch.tolist() if isinstance(batch, np.ndarray) else list(batch)


def as_input(batch: Any) -> Any:  # a data frame or an array
    """Return a data frame of instances that are objects by column, and an array of all others."""
    instances = as_json(batch)
    if instances and all(isinstance(instance, dict) for instance in instances):
        import pandas as pd  # noqa: PLC0415 (only own code that takes frames needs it)

        return pd.DataFrame(instances)
    try:
        array = np.asarray(instances)
    except ValueError:  # rows of different lengths
        return listed(instances)
    # Beside a text, NumPy would make texts of numbers.
    return array if array.dtype.kind in "biuf" else np.asarray(instances, dtype=object)


def plain(given: Any) -> Any:
    """Return a prediction as an array; what a script wrote stays as it is."""
    return given if isinstance(given, Written) else listed(given)


def listed(given: Any) -> NDArray[Any]:
    """Return one element for each prediction."""
    if hasattr(given, "to_dict") and hasattr(given, "columns"):
        given = given.to_dict("records")
    elif hasattr(given, "to_numpy"):
        given = given.to_numpy()
    if hasattr(given, "toarray"):
        given = given.toarray()
    if isinstance(given, np.ndarray):
        return given if given.ndim else given.reshape(1)
    items = list(given) if isinstance(given, list | tuple) else [given]
    return np.fromiter(map(_value, items), object, len(items))


def _value(item: Any) -> Any:
    return item.tolist() if isinstance(item, np.ndarray | np.generic) else item
