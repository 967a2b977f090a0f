"""Hides what releases of pandas from 1.5 on do differently. It imports pandas."""

from typing import Any

import numpy as np
import pandas as pd

RELEASE = int(pd.__version__.partition(".")[0])
# How `to_datetime` is told that texts are of ISO 8601, each in its own form; 1.5 guesses it.
ISO_8601 = "ISO8601" if RELEASE >= 2 else None


def texts(values: list[Any]) -> Any:  # an array of NumPy or pandas
    """Return a column of texts and gaps as pandas would make it: 3.0 gave them a type."""
    if RELEASE >= 3:
        return pd.array(values, dtype="str")
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def as_unit(time: Any, unit: str) -> Any:  # a Timestamp or a Timedelta
    """Return a time in a unit, without rounding; before 2.0 each counts nanoseconds."""
    return time.as_unit(unit, round_ok=False) if RELEASE >= 2 else time
