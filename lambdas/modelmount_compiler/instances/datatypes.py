"""The datatypes of the Open Inference Protocol, and answers of models as arrays of them.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BYTES = "BYTES"
DTYPES = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
DATATYPES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
NUMERIC: tuple[set[type], ...] = ({bool}, {int}, {float}, {int, float})
FLOATS = ("FP16", "FP32", "FP64")


def of(result: Any, promised: str = "") -> tuple[str, Array]:  # an array, a sparse matrix or a list
    """Return an answer as a tensor: its datatype, and an array of that, or of str for BYTES.

    Args:
        promised: the datatype that the model's metadata tells. A compiled form may compute in
            another precision, or in wider integers; its answer is converted where that loses
            nothing but digits.
    """
    array = np.asarray(result.toarray() if hasattr(result, "toarray") else result)
    datatype, array = _named(array)
    if promised in DTYPES and datatype not in (promised, BYTES, "BOOL"):
        converted = array.astype(DTYPES[promised])
        if (datatype in FLOATS and promised in FLOATS) or np.array_equal(converted, array):
            return promised, converted
    return datatype, array


def _named(array: Array) -> tuple[str, Array]:
    datatype = DATATYPES.get(array.dtype.newbyteorder("<"))
    if datatype is not None:
        return datatype, array
    kinds = {type(value) for value in array.flat}
    if array.dtype.kind == "O" and kinds in NUMERIC:
        plain = np.array(array.tolist())
        return (DATATYPES[plain.dtype], plain) if plain.dtype in DATATYPES else _as_text(array)
    return _as_text(array)


def _as_text(array: Array) -> tuple[str, Array]:
    texts = np.array([_text(value) for value in array.flat], dtype=object)
    return BYTES, texts.reshape(array.shape)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
