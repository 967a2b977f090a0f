"""Writes the values of data frames and arrays as JSON scalars, as a client would."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd


def rows_of(data: Any) -> list[Any]:
    """Return rows of scalars, or the texts."""
    if isinstance(data, list):
        return data
    if isinstance(data, pd.DataFrame):
        columns = [[scalar(value) for value in data[name]] for name in data.columns]
        return [list(row) for row in zip(*columns, strict=True)]
    return [[scalar(value) for value in row] for row in data]


def scalar(value: Any) -> Any:
    """Return the JSON scalar for a value."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 (NaN)
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime.date | pd.Timedelta):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | pd.Interval) else value
