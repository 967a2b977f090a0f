"""Converts JSON instances into the input of a model, and checks them against its signature."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import checks, named_values, typed_batches, typed_rows
from modelmount_compiler.instances.alignment import align
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method, Signature

# Kinds of input that a model gets as the list of instances that it is.
LISTED = ("text", *named_values.KINDS)

try:
    import modelmount_kernel as kernel
except ImportError:  # it needs a C compiler where it is installed
    kernel = None  # type: ignore[assignment]


def check_method(method: Method, signature: Signature) -> None:
    """Raise `InputMismatch` if the model lacks a method."""
    if method not in signature.methods:
        offered = ", ".join(signature.methods)
        raise InputMismatch(
            f"This model has no {method}; it offers {offered}.", field="$.parameters.method"
        )


def for_estimator(batch: Batch, signature: Signature) -> Any:  # an array, a frame or a list
    """Convert n instances into the input of an original model.

    Returns:
        a float64 or object array of shape (n, n_features), a data frame, or a list of n strings;
        the signature decides.

    Raises:
        InputMismatch: a value doesn't fit; the error has the path of the first one.
    """
    instances = batch if isinstance(batch, list) else align(batch, signature)
    if signature.input in LISTED:
        return _listed(instances, signature)
    if signature.input == "matrix" and signature.dtype == "number":
        return _matrix(instances, signature)
    rows = _rows(instances, signature)
    if signature.column_types is None:
        return _inferred(rows, signature)
    if signature.columns is not None:
        return typed_batches.frame(rows, signature.column_types, signature.columns)
    return typed_batches.array(rows, signature.column_types)


def for_program(batch: Batch, signature: Signature) -> Any:  # an array or a list
    """Convert n instances into the input of a compiled model.

    Returns:
        a float64 array of shape (n, n_features), n lists of values in the order of the columns,
        or n strings; the signature decides.

    Raises:
        InputMismatch: a value doesn't fit; the error has the path of the first one.
    """
    instances = batch if isinstance(batch, list) else align(batch, signature)
    if signature.input == "matrix" and signature.dtype == "number":
        return _matrix(instances, signature)
    if signature.input in LISTED:
        return _listed(instances, signature)
    return _rows(instances, signature)


def _matrix(instances: Any, signature: Signature) -> NDArray[np.float64]:  # a list or an array
    """Fill a matrix by the kernel; if it refuses a value, the checks in Python say which."""
    if isinstance(instances, np.ndarray):
        return instances
    if kernel is not None:
        first = instances[0]
        width = signature.n_features or (len(first) if isinstance(first, list) else 0)
        batch = np.empty((len(instances), width))
        try:
            kernel.matrix(instances, batch, signature.allows_missing)
        except ValueError:
            pass  # the checks below say which value it is
        else:
            return batch
    checks.check_rows(instances, signature.n_features)
    checks.check_cells(instances, allows_missing=signature.allows_missing)
    return np.asarray(instances, dtype=np.float64)


def _rows(instances: list[Any], signature: Signature) -> list[list[Any]]:
    """Return the values of each instance in the order of the columns, by the columns' types."""
    if signature.input == "frame":
        columns, optional = signature.columns or (), signature.optional
        rows = [checks.row_of(i, each, columns, optional) for i, each in enumerate(instances)]
    else:
        checks.check_rows(instances, signature.n_features)
        rows = instances
    if signature.column_types is not None:
        return typed_rows.columns_of(signature).convert(rows, instances)
    checks.check_scalars(rows)
    return rows


def _inferred(rows: list[list[Any]], signature: Signature) -> Any:  # an array or a frame
    """Let pandas infer the types of a batch; records from before columns had types ask for it."""
    if signature.input == "frame":
        import pandas as pd  # noqa: PLC0415 (350 ms that a model of plain numbers does without)

        return pd.DataFrame(rows, columns=list(signature.columns or ()))
    batch = np.empty((len(rows), len(rows[0])), dtype=object)
    batch[:] = rows
    return batch


def _listed(instances: list[Any], signature: Signature) -> list[Any]:
    """Return instances that the model takes as a list."""
    if signature.input == "text":
        return checks.texts_of(instances)
    return named_values.check(instances, signature.input)
