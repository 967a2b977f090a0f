"""Arrays and texts in one file of the safetensors format.

Format: https://github.com/huggingface/safetensors, "Format": 8 bytes of header length, little
endian, a JSON header with each array's dtype, shape and offsets, then the arrays. This package does
without the library of that name, and writes the same bytes.

A large file on a disk of this machine is mapped, not read: it loads in the same time at any size,
and its pages come when they are needed. From a network file system mapping takes longer than
reading, and another machine can delete the file, which would end this process at the next touch.
"""

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAPPED_BYTES = 16 * 1024 * 1024
ALIGNMENT = 8  # of the first array
# In the order in which the library stores arrays, the largest alignment first.
DTYPES = {
    "U64": "<u8",
    "I64": "<i8",
    "F64": "<f8",
    "F32": "<f4",
    "U32": "<u4",
    "I32": "<i4",
    "U16": "<u2",
    "I16": "<i2",
    "I8": "<i1",
    "U8": "<u1",
    "BOOL": "?",
}


def save(path: Path, arrays: Mapping[str, Array], texts: Mapping[str, str]) -> None:
    """Store arrays under their names, and texts."""
    codes = {np.dtype(dtype): code for code, dtype in DTYPES.items()}
    code_of = {name: codes[array.dtype.newbyteorder("<")] for name, array in arrays.items()}
    order = list(DTYPES)
    names = sorted(arrays, key=lambda name: (order.index(code_of[name]), name))
    header: dict[str, Any] = {"__metadata__": dict(sorted(texts.items()))}
    end = 0
    for name in names:
        start, end = end, end + arrays[name].nbytes
        shape = list(arrays[name].shape)
        header[name] = {"dtype": code_of[name], "shape": shape, "data_offsets": [start, end]}
    encoded = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    encoded += b" " * (-len(encoded) % ALIGNMENT)
    with path.open("wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for name in names:
            file.write(np.ascontiguousarray(arrays[name], DTYPES[code_of[name]]).data)


class Stored:
    """The content of a file; arrays can't be written to.

    Attributes:
        texts: by name.
        size: of the file, in bytes.

    Raises:
        ValueError: the file is of another format.
    """

    def __init__(self, path: Path) -> None:
        self._data = _data(path)
        self.size = len(self._data)
        length = int.from_bytes(self._data[:8], "little")
        header = json.loads(self._data[8 : 8 + length])
        if not isinstance(header, dict):
            raise ValueError("its header is no JSON object")
        self.texts: dict[str, str] = header.pop("__metadata__", {})
        self._header, self._start = header, 8 + length

    def arrays(self) -> dict[str, Array]:
        """Return all arrays by name."""
        items = self._header.items()
        return {name: _map(self._data, self._start, about) for name, about in items}


def _data(path: Path) -> bytes | mmap.mmap:
    """Read a file in one go, which a network file system likes best, or map a large local one."""
    with path.open("rb", buffering=0) as file:
        found = os.fstat(file.fileno())
        if found.st_size < MAPPED_BYTES or not _is_local(found.st_dev):
            return file.readall()
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if hasattr(mmap, "MADV_WILLNEED"):  # Linux begins to read ahead, and goes on by itself
        data.madvise(mmap.MADV_WILLNEED)
    return data


def _is_local(device: int) -> bool:
    """Whether a file lies on a disk of this machine.

    Linux gives what is mounted without a device the major number 0: NFS, FUSE, but tmpfs as well
    (https://docs.kernel.org/admin-guide/devices.html).
    """
    return os.major(device) != 0


def _map(data: bytes | mmap.mmap, start: int, about: dict[str, Any]) -> Array:
    dtype, shape = np.dtype(DTYPES[about["dtype"]]), tuple(about["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    if not count:
        return np.empty(shape, dtype)
    flat = np.frombuffer(data, dtype, count, start + about["data_offsets"][0])
    return flat.reshape(shape)
