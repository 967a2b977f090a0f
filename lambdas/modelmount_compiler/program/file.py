"""A program in one file: the safetensors format, so that any tool can look inside.

Format: https://github.com/huggingface/safetensors, "Format": 8 bytes of header length, little
endian, a JSON header with each array's dtype, shape and offsets, then the arrays. The program
itself is JSON under the key `program` of the header's metadata. A large file is mapped, not read:
it loads in the same time at any size, and its pages come when they are needed.
"""

import json
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import class_of, name_of, stored
from modelmount_compiler.program.program import Node, Operation, Program

FORMAT = "1"
MAPPED_BYTES = 16 * 1024 * 1024
DTYPES = {
    "BOOL": "?",
    "U8": "<u1",
    "I8": "<i1",
    "U16": "<u2",
    "I16": "<i2",
    "U32": "<u4",
    "I32": "<i4",
    "U64": "<u8",
    "I64": "<i8",
    "F32": "<f4",
    "F64": "<f8",
}
Array = NDArray[Any]


def write(path: Path, program: Program) -> None:
    """Store a program."""
    from safetensors.numpy import save_file  # noqa: PLC0415 (reading does without)

    arrays: dict[str, Array] = {}
    nodes = []
    for index, node in enumerate(program.nodes):
        values = stored(node.operation).items()
        fields = {k: _encode(v, arrays, f"{index}.{k}") for k, v in values}
        name = name_of(node.operation)
        nodes.append({"operation": name, "inputs": node.inputs, "fields": fields})
    text = json.dumps({"nodes": nodes, "outputs": program.outputs})
    save_file(arrays, path, {"format": FORMAT, "program": text})
    path.chmod(0o644)  # the library leaves it to its owner alone


def read(path: Path) -> Program:
    """Load a stored program; its arrays can't be written to.

    Raises:
        ValueError: the file isn't one of `write`'s.
    """
    data = _data(path)
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} is no compiled model of format {FORMAT}")
    arrays = {name: _map(data, 8 + length, about) for name, about in header.items()}
    program = json.loads(metadata["program"])
    nodes = [Node(_load(node, arrays), tuple(node["inputs"])) for node in program["nodes"]]
    return Program(nodes, program["outputs"])


def _data(path: Path) -> bytes | mmap.mmap:
    """Read a small file in one go, which a network file system likes best; map a large one."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < MAPPED_BYTES:
            return file.read()
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if hasattr(mmap, "MADV_WILLNEED"):  # Linux begins to read ahead, and goes on by itself
        data.madvise(mmap.MADV_WILLNEED)
    return data


def _load(node: dict[str, Any], arrays: dict[str, Array]) -> Operation:
    fields = {name: _decode(value, arrays) for name, value in node["fields"].items()}
    found: Operation = class_of(node["operation"])(**fields)
    return found


def _map(data: bytes | mmap.mmap, start: int, about: dict[str, Any]) -> Array:
    dtype, shape = np.dtype(DTYPES[about["dtype"]]), tuple(about["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    if not count:
        return np.empty(shape, dtype)
    flat = np.frombuffer(data, dtype, count, start + about["data_offsets"][0])
    return flat.reshape(shape)


def _encode(value: Any, arrays: dict[str, Array], name: str) -> Any:  # noqa: ANN401 (JSON)
    """Turn a field's value into JSON, its numeric arrays set aside under names that begin so."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        # Matrix products round by the order in memory, so it's kept.
        transposed = value.flags.f_contiguous and not value.flags.c_contiguous
        arrays[name] = np.ascontiguousarray(value.T if transposed else value)
        return {"array": name, "transposed": transposed}
    if isinstance(value, np.ndarray):
        return {"values": value.tolist(), "dtype": value.dtype.str}
    if isinstance(value, tuple | list):
        return [_encode(item, arrays, f"{name}.{i}") for i, item in enumerate(value)]
    if isinstance(value, dict):
        return {"items": {k: _encode(v, arrays, f"{name}.{k}") for k, v in value.items()}}
    return value


def _decode(value: Any, arrays: dict[str, Array]) -> Any:  # noqa: ANN401 (JSON)
    """Undo `_encode`; lists become tuples."""
    if isinstance(value, list):
        return tuple(_decode(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        array = arrays[value["array"]]
        return array.T if value["transposed"] else array
    if "items" in value:
        return {k: _decode(v, arrays) for k, v in value["items"].items()}
    return np.array(value["values"], dtype=value["dtype"])
