"""Converts columns of JSON values into the input tensors of an ONNX graph."""

from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import onnx_signature

INTEGER_BOUND = 2.0**53  # doubles can't hold all integers beyond it


def tensor(node: ort.NodeArg, values: Any) -> NDArray[Any]:  # lists or an array
    """Convert values to the dtype and rank of an input; raises `InputMismatch`."""
    if node.type == onnx_signature.STRINGS:
        array = _strings(node, values)
    elif node.type in onnx_signature.FLOATS:
        with np.errstate(over="ignore"):
            array = _doubles(node, values).astype(onnx_signature.FLOATS[node.type])
    else:
        array = _integers(node, _doubles(node, values))
    return array.reshape(-1, 1) if len(node.shape) == 2 and array.ndim == 1 else array


def _strings(node: ort.NodeArg, values: list[Any]) -> NDArray[Any]:
    array = np.array(values, dtype=object)
    if not all(isinstance(value, str) for value in array.flat):
        raise _mismatch(node, "strings")
    return array


def _doubles(node: ort.NodeArg, values: Any) -> NDArray[np.float64]:
    if isinstance(values, list) and not all(isinstance(v, int | float | None) for v in values):
        raise _mismatch(node, "numbers")
    try:
        return np.asarray(values, dtype=np.float64)
    except OverflowError as error:
        raise _mismatch(node, "numbers that fit into a double") from error


def _integers(node: ort.NodeArg, values: NDArray[np.float64]) -> NDArray[Any]:
    dtype = np.dtype(onnx_signature.INTEGERS[node.type])
    bounds = (0, 1) if dtype == np.bool_ else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    fits = (values == np.trunc(values)) & (bounds[0] <= values) & (values <= bounds[1])
    if not (fits & (abs(values) <= INTEGER_BOUND)).all():
        raise _mismatch(node, f"whole numbers of type {dtype.name}")
    return values.astype(dtype)


def _mismatch(node: ort.NodeArg, what: str) -> InputMismatch:
    return InputMismatch(f"The input {node.name!r} takes {what}.", field="$.instances")
