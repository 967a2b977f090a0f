"""Builds the frame or the array that an original takes, from rows of values of known types."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.column_types import ColumnType

OF_TIMES = re.compile(r"(datetime|timedelta)64\[\w+\]")
Rows = Sequence[Sequence[Any]]


def frame(rows: Rows, types: Sequence[ColumnType], names: Sequence[str]) -> Any:  # a data frame
    """Return a data frame with the types of the fit; see `typed_rows` for the values."""
    import pandas as pd  # noqa: PLC0415 (350 ms that a model of plain numbers does without)

    columns = enumerate(zip(*rows, strict=True))
    arrays = {i: _column(list(values), types[i]) for i, values in columns}
    # An array of objects would have its type inferred; a series with a type hasn't.
    found = pd.DataFrame({i: pd.Series(a, dtype=a.dtype) for i, a in arrays.items()})
    found.columns = pd.Index(list(names))
    return found


def array(rows: Rows, types: Sequence[ColumnType]) -> NDArray[Any]:
    """Return an array of objects, or of times where the model was fitted on such an array."""
    dtypes = {found.dtype for found in types}
    if len(dtypes) == 1 and OF_TIMES.fullmatch(types[0].dtype):
        flat = [_moment(value) for row in rows for value in row]
        return np.array(flat, dtype=types[0].dtype).reshape(len(rows), len(types))
    batch = np.empty((len(rows), len(types)), dtype=object)
    batch[:] = [list(row) for row in rows]
    return batch


def _moment(value: Any) -> Any:
    return value.to_numpy() if hasattr(value, "to_numpy") else np.datetime64("NaT")


def _column(values: list[Any], found: ColumnType) -> Any:  # an array of NumPy or pandas
    if found.kind == "float" and found.dtype == "float64":
        return np.array(values, dtype=np.float64)
    if found.kind == "integer":
        return _integers(values, found)
    if found.kind == "boolean" and found.dtype == "bool" and set(map(type, values)) == {bool}:
        return np.array(values)
    if found.kind == "any":
        return _inferred(values)
    if found.kind in ("string", "datetime", "timedelta") and found.dtype != "object":
        if found.dtype == "str":
            return _texts(values)
        import pandas as pd  # noqa: PLC0415 (as above)

        return pd.array(values, dtype=found.dtype)  # type: ignore[call-overload]  # any text
    return _objects(values)


def _integers(values: list[Any], found: ColumnType) -> NDArray[Any]:
    """Return whole numbers exactly; a column with gaps is of floats if those are exact, too."""
    if found.dtype == "object":
        return _objects(values)
    is_whole = set(map(type, values)) == {int}
    dtype = (
        ("uint64" if found.dtype == "uint64" else "int64") if is_whole else found.dtype_with_null
    )
    if dtype == "object":
        return _objects(values)
    try:
        return np.array(values, dtype=dtype)
    except OverflowError:
        return _objects(values)


def _inferred(values: list[Any]) -> Any:
    """Return a column that nothing in the model tells the type of."""
    types = set(map(type, values))
    if types in ({float}, {bool}):
        return np.array(values)
    if str in types and all(type(value) is str or value != value for value in values):  # noqa: PLR0124 (NaN)
        return _texts(values)
    return _objects(values)


def _texts(values: list[Any]) -> Any:  # an array of NumPy or pandas
    from modelmount_compiler.instances import pandas_releases  # noqa: PLC0415 (as above)

    return pandas_releases.texts(values)


def _objects(values: list[Any]) -> NDArray[np.object_]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
