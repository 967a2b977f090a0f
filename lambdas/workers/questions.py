"""Questions to workers as bytes and back, of plain values and of arrays as they lie in memory.

The two ends may run other versions of Python, NumPy and pandas, so a question never is a pickle:
that names the modules of whoever wrote it. Plain values travel in `marshal`'s format 4, which every
Python since 3.4 reads, and which holds values of Python's own types alone. Nobody but the process
that asks writes it: reading it isn't safe otherwise.
"""

import datetime
import marshal
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.instances.batches import Batch, NamedTensors, Table
from modelmount_compiler.signature import Method
from workers.answers import CODES, RAW, bytes_of

FORMAT = 4
OWN_TYPES: tuple[Any, ...] = (bool, int, float, str, bytes)
# Where a frame's body begins in it, so that numbers lie where processors like them.
ALIGNMENT = 16
PADDING = bytes(ALIGNMENT)
# An array that comes with no other is copied out of its frame up to this size.
SMALL_BYTES = 64 * 1024


def encode(method: Method, batch: Batch, offset: int) -> tuple[bytes, list[bytes | memoryview]]:
    """Write a question's header and body.

    Args:
        offset: where the header will begin in its frame.

    Raises:
        TypeError: a value is of a type that has no plain form.
    """
    body: list[bytes | memoryview] = []
    form: Any = None
    if type(batch) is list:
        body.append(_dumps(batch))
    elif isinstance(batch, Table):
        form = "table"
        body.append(_dumps((list(batch.columns), batch.rows)))
    elif isinstance(batch, NamedTensors):
        about = {name: _written(array, body) for name, array in batch.arrays.items()}
        form = ("tensors", about, list(batch.outputs))
    else:
        form = ("array", _written(np.asarray(batch), body))
    header = marshal.dumps((method, form), FORMAT)
    return header + PADDING[: -(offset + len(header)) % ALIGNMENT], body


def decode(header: bytes, body: memoryview) -> tuple[Method, Batch]:
    """Read a question that `encode` wrote; its arrays can be written to."""
    method, form = marshal.loads(header)  # noqa: S302 (from the process that asks)
    if form is None:
        return method, marshal.loads(body)  # noqa: S302 (likewise)
    if form == "table":
        columns, rows = marshal.loads(body)  # noqa: S302 (likewise)
        return method, Table(tuple(columns), rows)
    if form[0] == "array":
        return method, _read(form[1], body)[0]
    arrays, left = {}, body
    for name, about in form[1].items():
        arrays[name], left = _read(about, left)
    return method, NamedTensors(arrays, tuple(form[2]))


def _written(array: NDArray[Any], body: list[bytes | memoryview]) -> tuple[Any, ...]:
    """Append an array to the body; return its type, its shape and its size there."""
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if array.dtype in CODES or (array.dtype.itemsize and RAW.fullmatch(array.dtype.str)):
        body.append(bytes_of(array))
        return array.dtype.str, array.shape, array.nbytes
    body.append(values := _dumps(array.ravel().tolist()))
    return None, array.shape, len(values)


def _read(about: tuple[Any, ...], body: memoryview) -> tuple[NDArray[Any], memoryview]:
    dtype, shape, size = about
    raw, left = body[:size], body[size:]
    if dtype is None:
        values = marshal.loads(raw)  # noqa: S302 (from the process that asks)
        return np.fromiter(values, object, math.prod(shape)).reshape(shape), left
    array = np.frombuffer(raw, dtype).reshape(shape)
    if size <= SMALL_BYTES or not (array.flags.aligned and array.flags.writeable):
        array = array.copy()
    return array, left


def _dumps(values: Any) -> bytes:
    try:
        return marshal.dumps(values, FORMAT)
    except ValueError:
        return marshal.dumps(_plain(values), FORMAT)


def _plain(value: Any) -> Any:
    """Return a value in Python's own types; raises `TypeError` where it has no such form."""
    if value is None or type(value) in (*OWN_TYPES, complex):
        return value
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    for kind in OWN_TYPES:
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    raise TypeError(f"a value is a {type(value).__name__}")
