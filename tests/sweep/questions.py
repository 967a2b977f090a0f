"""Questions: rows of a model's own training data, alone, in company of others, and with nulls."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

COMPANY, WITH_NULLS = 7, 5
EXACT = 2**53


@dataclass(frozen=True)
class Question:
    """Some rows: a data frame, an array or a list of texts, of the types of the fit."""

    company: str
    rows: Any


def questions(data: Any, rng: np.random.Generator) -> Iterator[Question]:
    """Yield rows alone, in company, and with nulls where the data can hold some."""
    yield Question("alone", _some(data, 1, rng))
    yield Question("company", _some(data, COMPANY, rng))
    if isinstance(data, list) or getattr(data, "dtype", np.dtype(float)).kind == "U":
        return
    yield Question("nulls", _with_nulls(data, _some(data, WITH_NULLS, rng), rng, 2))
    yield Question("null alone", _with_nulls(data, _some(data, 1, rng), rng, 1))


def _some(data: Any, count: int, rng: np.random.Generator) -> Any:
    chosen = rng.choice(len(data), count, replace=False)
    if isinstance(data, pd.DataFrame):
        return data.iloc[chosen].reset_index(drop=True)
    return [data[i] for i in chosen] if isinstance(data, list) else data[chosen]


def _with_nulls(data: Any, rows: Any, rng: np.random.Generator, count: int) -> Any:
    """Return the rows with some gaps, as somebody's own data would have them."""
    places = [
        (int(rng.integers(len(rows))), int(rng.integers(rows.shape[1]))) for _ in range(count)
    ]
    if not isinstance(rows, pd.DataFrame):
        found = rows.astype(float) if rows.dtype.kind in "iub" else rows.copy()
        for row, column in places:
            found[row, column] = _object_gap(data[:, column]) if found.dtype == object else np.nan
        return found
    frame = rows.copy()
    for row, column in places:
        name = frame.columns[column]
        values = frame[name].astype(_type_with_gap(frame[name]))
        values.iloc[row] = _gap(data[name])
        frame[name] = values
    return frame


def _type_with_gap(column: "pd.Series[Any]") -> Any:
    """Return the type of a column with a gap: pandas makes floats of whole numbers."""
    if column.dtype == bool:
        return object
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return float if column.abs().max() < EXACT else object
    return column.dtype


def _gap(column: "pd.Series[Any]") -> Any:
    if column.dtype == object:
        return _object_gap(column)
    if isinstance(column.dtype, np.dtype):
        return pd.NaT if column.dtype.kind in "mM" else np.nan
    return column.dtype.na_value


def _object_gap(values: Any) -> Any:
    return None if any(value is None for value in values) else np.nan
