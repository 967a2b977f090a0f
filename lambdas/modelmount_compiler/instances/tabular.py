"""Converts arrays, lists and data frames, as a notebook holds them, into instances."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import inputs
from modelmount_compiler.signature import Signature

SCALARS = {int, float, str, bool, type(None)}
# Missing values of pandas, which differ from themselves without being NaN.
MISSING = {"NAType", "NaTType"}
NAN = float("nan")


def batch(X: Any, signature: Signature) -> list[Any] | NDArray[Any]:  # noqa: N803 (scikit-learn's X)
    """Convert `X` into instances.

    Args:
        X: an array, a list of lists, of records or of strings, a column of strings, or a data
            frame of pandas, Polars or another library with `columns` that are found by name.
        signature: the inputs of the model.

    Returns:
        a float64 array of shape (n, k) for a matrix of numbers, otherwise n lists of scalars in
        the order of the columns, or n strings.

    Raises:
        InputMismatch: `X` doesn't fit the signature.
    """
    if isinstance(X, np.ndarray) and _is_of_numbers(signature) and X.dtype.kind in "buif":
        return _filled(X)
    if hasattr(X, "columns"):
        return _checked(_rows_of_frame(X, signature), signature)
    if hasattr(X, "toarray"):
        raise InputMismatch("X is a sparse matrix; pass X.toarray().")
    if hasattr(X, "to_list") or hasattr(X, "tolist"):
        X = X.tolist() if hasattr(X, "tolist") else X.to_list()  # noqa: N806 (as above)
    if isinstance(X, str | bytes | dict) or not isinstance(X, Iterable):
        raise InputMismatch(f"X is a {type(X).__name__}; pass a list of instances, such as [X].")
    return _checked([_instance(i, item) for i, item in enumerate(X)], signature)


def instances(X: Any, signature: Signature) -> list[Any]:  # noqa: N803 (as above)
    """Convert `X` into a list of JSON instances, in which None stands for NaN.

    Raises:
        InputMismatch: as above.
    """
    found = batch(X, signature)
    if isinstance(found, np.ndarray):
        found = inputs.for_program(found, signature).tolist()
    if signature.input == "text":
        return found
    return [[None if value != value else value for value in row] for row in found]  # noqa: PLR0124 (NaN)


def _is_of_numbers(signature: Signature) -> bool:
    return signature.input == "matrix" and signature.dtype == "number"


def _filled(array: NDArray[Any]) -> NDArray[Any]:
    if not array.size and array.ndim:
        raise InputMismatch("X has no rows; pass at least one.")
    return array


def _checked(rows: list[Any], signature: Signature) -> list[Any] | NDArray[Any]:
    """Check rows against the signature; an error names positions in `X`."""
    if not rows:
        raise InputMismatch("X has no rows; pass at least one.")
    try:
        found: list[Any] | NDArray[Any] = inputs.for_program(rows, signature)
    except InputMismatch as error:
        text = str(error).replace("instances[", "X[").replace(" is null", " is None")
        raise InputMismatch(text) from error
    return found


def _instance(i: int, item: object) -> object:
    """Return an instance with Python scalars; return anything else unchanged."""
    if isinstance(item, dict):
        return {name: _scalar(value, f"X[{i}][{name!r}]") for name, value in item.items()}
    if isinstance(item, list | tuple | np.ndarray):
        return _scalars(item, f"X[{i}]")
    return item


def _rows_of_frame(frame: Any, signature: Signature) -> list[Any]:
    if signature.input == "text":
        raise InputMismatch("X is a data frame, and this model takes texts; pass one column of it.")
    names = list(frame.columns)
    if signature.columns is not None:
        _check_names(names, signature.columns)
        names = list(signature.columns)
    elif any(isinstance(name, str) for name in names):
        raise InputMismatch(
            "X has names of columns, and this model was fitted without: pass X.to_numpy(), with "
            "the columns in the order of the fit."
        )
    columns = [_scalars(frame[name].to_list(), f"column {name!r}") for name in names]
    return [list(row) for row in zip(*columns, strict=True)]


def _check_names(names: Sequence[Any], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in names]
    unknown = [name for name in names if name not in wanted]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    faults = {"lacks the column": missing, "has the unknown": unknown, "has twice": twice}
    texts = [f"{what} {', '.join(map(repr, some))}" for what, some in faults.items() if some]
    if texts:
        raise InputMismatch(
            f"X {' and '.join(texts)}; this model takes the columns {', '.join(wanted)}, in any "
            f"order, and no others: pass X[{list(wanted)!r}]."
        )


def _scalars(values: Iterable[Any], place: str) -> list[Any]:
    found = list(values)
    if SCALARS.issuperset(map(type, found)):
        return found
    return [_scalar(value, f"{place}[{i}]") for i, value in enumerate(found)]


def _scalar(value: Any, place: str) -> Any:
    """Return a value as a Python scalar; raises `InputMismatch`."""
    if isinstance(value, np.generic):
        value = value.item()
    if type(value) in SCALARS:
        return value
    if type(value).__name__ in MISSING:
        return NAN
    if isinstance(value, str):
        return str(value)
    raise InputMismatch(
        f"{place} is a {type(value).__name__}; a value is a number, a string, a boolean or None."
    )
