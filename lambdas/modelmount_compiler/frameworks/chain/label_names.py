"""The names of classes, in any of the forms in which people save them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def label_names(value: Any) -> NDArray[Any] | None:
    """Return the name of each code, shape (labels,); None where the value isn't that.

    Args:
        value: a `LabelEncoder`, a list or array of names, an object of names by code, or of codes
            by name.
    """
    if type(value).__name__ == "LabelEncoder":
        return np.asarray(value.classes_)
    if isinstance(value, Mapping):
        return _of_mapping(value)
    if isinstance(value, list | tuple | np.ndarray) or type(value).__name__ == "Index":
        names = list(value)
        if names and all(isinstance(name, str | int) for name in map(_plain, names)):
            return np.asarray([_plain(name) for name in names])
    return None


def _of_mapping(value: Mapping[Any, Any]) -> NDArray[Any] | None:
    pairs = [(_plain(key), _plain(name)) for key, name in value.items()]
    by_code = {_code(key): name for key, name in pairs}
    by_name = {_code(code): name for name, code in pairs}
    for found in (by_code, by_name):
        names = [found.get(code) for code in range(len(pairs))]
        if pairs and all(isinstance(name, str) for name in names):
            return np.asarray(names)
    return None


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _code(value: Any) -> int | None:
    """Return a code, which is a key of an object in JSON as a text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None
