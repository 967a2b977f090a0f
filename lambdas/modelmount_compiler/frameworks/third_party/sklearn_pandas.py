"""Reads sklearn-pandas' mapper, as far as the names of its columns."""

from typing import Any


def names(step: Any) -> tuple[str, ...] | None:
    """Return the columns that a mapper looks at; None where it takes all others, too."""
    if type(step).__name__ != "DataFrameMapper" or step.built_default is not False:
        return None
    found: dict[str, None] = {}
    for columns, *_ in step.built_features:
        given = [columns] if isinstance(columns, str) else columns
        if not isinstance(given, list):
            return None
        found |= dict.fromkeys(given)
    return tuple(found)
