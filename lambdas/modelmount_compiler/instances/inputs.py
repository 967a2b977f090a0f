"""From decoded JSON instances to what a model takes, checked against its signature."""

import contextlib
import sys
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import batches
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method, Signature

try:
    import modelmount_kernel as kernel
except ImportError:  # there was no C compiler where this was installed
    kernel = None  # type: ignore[assignment]

MOST = int(sys.float_info.max)


def check_method(method: Method, signature: Signature) -> None:
    """Refuse a method that the model hasn't; raises `InputMismatch`."""
    if method not in signature.methods:
        offered = ", ".join(signature.methods)
        raise InputMismatch(
            f"This model has no {method}; it offers {offered}.", field="$.parameters.method"
        )


def convert(batch: Batch, signature: Signature) -> Any:  # noqa: ANN401 (an array, a frame or a list)
    """Turn n instances into a float64 or object array of shape (n, n_features), a data frame, or a
    list of n strings, as the signature says.

    Raises:
        InputMismatch: with the path of the first value that doesn't fit.
    """
    instances = batch if isinstance(batch, list) else batches.settle(batch, signature)
    if signature.input == "text":
        return _texts(instances)
    if signature.input == "frame":
        return _frame(instances, signature.columns or ())
    if signature.dtype == "number":
        return _matrix(instances, signature)
    _check_rows(instances, signature.n_features)
    return _objects(instances)


def plain(batch: Batch, signature: Signature) -> Any:  # noqa: ANN401 (an array or a list)
    """Turn n instances into what a compiled model takes: a float64 array of shape (n, n_features),
    n lists of values in the order of the columns, or n strings.

    Raises:
        InputMismatch: with the path of the first value that doesn't fit.
    """
    instances = batch if isinstance(batch, list) else batches.settle(batch, signature)
    if signature.input == "text":
        return _texts(instances)
    if signature.input == "frame":
        columns = signature.columns or ()
        return [_row(i, instance, columns) for i, instance in enumerate(instances)]
    if signature.dtype == "number":
        return _matrix(instances, signature)
    _check_rows(instances, signature.n_features)
    _check_scalars(instances)
    return instances


def _texts(instances: list[Any]) -> list[str]:
    for i, text in enumerate(instances):
        if not isinstance(text, str):
            _refuse(f"instances[{i}]", text, "this model takes one string an instance")
    return instances


def _check_rows(instances: list[Any], width: int | None) -> None:
    values = "values" if width is None else f"{width} values"
    for i, row in enumerate(instances):
        if isinstance(row, dict):
            _refuse(
                f"instances[{i}]",
                row,
                f"this model was fitted without column names; send a list of {values}",
            )
        if not isinstance(row, list):
            hint = f"each instance is a list of {values}, such as [[1.0, 2.0], [3.0, 4.0]] for two"
            _refuse(f"instances[{i}]", row, hint)
        if width is not None and len(row) != width:
            raise InputMismatch(
                f"instances[{i}] has {len(row)} values; this model takes {width}.",
                field=f"$.instances[{i}]",
            )
        if len(row) != len(instances[0]):
            raise InputMismatch(
                f"instances[{i}] has {len(row)} values and instances[0] has {len(instances[0])}.",
                field=f"$.instances[{i}]",
            )


def _matrix(instances: Any, signature: Signature) -> NDArray[np.float64]:  # noqa: ANN401 (a list or an array)
    """Fill a matrix cell by cell; what stops the kernel is looked for again, to be told."""
    if isinstance(instances, np.ndarray):
        return instances
    if kernel is not None:
        first = instances[0]
        width = signature.n_features or (len(first) if isinstance(first, list) else 0)
        batch = np.empty((len(instances), width))
        with contextlib.suppress(ValueError):
            kernel.matrix(instances, batch, signature.allows_missing)
            return batch
    _check_rows(instances, signature.n_features)
    _check_cells(instances, allows_missing=signature.allows_missing)
    return np.asarray(instances, dtype=np.float64)


def _check_cells(instances: list[Any], *, allows_missing: bool) -> None:
    for i, row in enumerate(instances):
        for j, value in enumerate(row):
            if value is None and not allows_missing:
                raise InputMismatch(
                    f"instances[{i}][{j}] is null, and this model takes no missing values.",
                    field=f"$.instances[{i}][{j}]",
                )
            if value is not None and not isinstance(value, int | float):
                _refuse(f"instances[{i}][{j}]", value, "this model takes numbers")
            if isinstance(value, int) and abs(value) > MOST:
                _refuse(f"instances[{i}][{j}]", value, "it is too large for a double")


def _check_scalars(instances: list[Any]) -> None:
    for i, row in enumerate(instances):
        for j, value in enumerate(row):
            if isinstance(value, list | dict):
                _refuse(f"instances[{i}][{j}]", value, "a value is a number, a string or null")


def _objects(instances: list[Any]) -> NDArray[np.object_]:
    _check_scalars(instances)
    batch = np.empty((len(instances), len(instances[0])), dtype=object)
    batch[:] = instances
    return batch


def _frame(instances: list[Any], columns: tuple[str, ...]) -> Any:  # noqa: ANN401 (pandas is imported late)
    import pandas as pd  # noqa: PLC0415 (350 ms that a model of plain numbers does without)

    rows = [_row(i, instance, columns) for i, instance in enumerate(instances)]
    return pd.DataFrame(rows, columns=list(columns))


def _row(i: int, instance: object, columns: tuple[str, ...]) -> list[Any]:
    if isinstance(instance, list):
        _check_rows([instance], len(columns))
        return instance
    if not isinstance(instance, dict):
        _refuse(f"instances[{i}]", instance, f"send an object with {', '.join(columns)}")
    missing = [name for name in columns if name not in instance]
    unknown = [name for name in instance if name not in columns]
    if missing or unknown:
        lacks = f"lacks {', '.join(map(repr, missing))}" if missing else ""
        has = f"has unknown {', '.join(map(repr, unknown))}" if unknown else ""
        raise InputMismatch(
            f"instances[{i}] {' and '.join(filter(None, (lacks, has)))}; "
            f"this model takes the columns {', '.join(columns)}.",
            field=f"$.instances[{i}]",
        )
    return [instance[name] for name in columns]


def _refuse(path: str, value: object, expected: str) -> NoReturn:
    kinds = {str: "a string", dict: "an object", list: "a list", bool: "a boolean"}
    kind = "null" if value is None else kinds.get(type(value), "a number")
    raise InputMismatch(f"{path} is {kind}; {expected}.", field=f"$.{path}")
