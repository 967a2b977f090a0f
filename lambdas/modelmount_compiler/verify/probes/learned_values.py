"""Values that a model learned, and how a request spells them."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np


def listed(values: Any) -> list[Any]:
    """Return learned values one by one, dates and times as what they are.

    An array of times, made an array of objects, would become numbers of nanoseconds.
    """
    array = values if isinstance(values, np.ndarray) else None
    if array is not None and array.dtype.kind not in "mM":
        found: list[Any] = array.astype(object).tolist()
        return found
    return list(values)


def to_json(value: Any) -> Any:
    """Return the JSON scalar that means a learned value; None for every missing one."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        value = _time(value)
    elif isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ == "NAType" or value != value:  # noqa: PLR0124 (NaN)
        return None
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    is_text = isinstance(value, Decimal) or type(value).__name__ == "Interval"
    return str(value) if is_text else value


def _time(value: Any) -> Any:
    """Return pandas' object for a time of NumPy's; it keeps nanoseconds."""
    import pandas as pd  # noqa: PLC0415 (most models learned no times)

    return pd.Timestamp(value) if isinstance(value, np.datetime64) else pd.Timedelta(value)


def is_missing(value: Any) -> bool:
    """Whether a learned value stands for a missing one."""
    return to_json(value) is None


def all_are(values: Sequence[Any], *types: type) -> bool:
    """Whether all values are of some types; booleans are no numbers here."""
    return all(
        isinstance(value, types) and (bool in types or not isinstance(value, bool))
        for value in values
    )
