"""A program in one file: the safetensors format, so that any tool can look inside.

The header's metadata has these texts:

| name        | holds                                                                           |
|-------------|---------------------------------------------------------------------------------|
| `format`    | the number of this layout: `1`                                                  |
| `program`   | operations, their inputs and fields, and the methods' outputs, as JSON          |
| `signature` | what the program takes and gives, as JSON; not there in files of the preparer's |

What is promised:

- A reader of format 1 reads every file of format 1, with or without a signature. It ignores texts
  that it doesn't know.
- A file of another format is refused with `ValueError`, which names both formats. So is a file with
  an operation that the reader doesn't know; the error names the operation.
- The number goes up when an older reader would misunderstand a file. New operations leave it.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.program.operation import class_of, name_of, stored
from modelmount_compiler.program.program import Node, Operation, Program
from modelmount_compiler.program.safetensors import Stored, save
from modelmount_compiler.signature import Signature

FORMAT = "1"
Array = NDArray[Any]


def write(path: Path, program: Program, signature: Signature | None = None) -> None:
    """Store a program, and with it what it takes and gives, if that is said."""
    arrays: dict[str, Array] = {}
    nodes = []
    for index, node in enumerate(program.nodes):
        values = stored(node.operation).items()
        encoded = {k: _encode(v, arrays, f"{index}.{k}") for k, v in values}
        name = name_of(node.operation)
        nodes.append({"operation": name, "inputs": node.inputs, "fields": encoded})
    texts = {
        "format": FORMAT,
        "program": json.dumps({"nodes": nodes, "outputs": program.outputs}),
    }
    if signature is not None:
        texts["signature"] = json.dumps(asdict(signature))
    save(path, arrays, texts)


def read(path: Path) -> Program:
    """Load a stored program; its arrays can't be written to.

    Raises:
        ValueError: the file isn't one of `write`'s, or is of a format that isn't known here.
    """
    return _program(_open(path))


def read_with_signature(path: Path) -> tuple[Program, Signature | None]:
    """Load a stored program likewise, and its signature, if the file has one.

    Raises:
        ValueError: as above.
    """
    found = _open(path)
    about = found.texts.get("signature")
    return _program(found), None if about is None else _signature(json.loads(about))


def _open(path: Path) -> Stored:
    try:
        found = Stored(path)
    except ValueError as error:
        raise ValueError(f"{path} is no compiled model: {error}") from error
    _check_format(path, found.texts)
    return found


def _check_format(path: Path, texts: dict[str, str]) -> None:
    found = texts.get("format", "")
    if not found.isdecimal():  # other safetensors files have none, or a name such as `pt`
        raise ValueError(f"{path} is no compiled model")
    if found != FORMAT:
        raise ValueError(
            f"{path} is a compiled model of format {found}, and this version of "
            f"modelmount_compiler reads format {FORMAT}: install the version that wrote it, or "
            "compile the model again with this one"
        )


def _program(found: Stored) -> Program:
    arrays = found.arrays()
    program = json.loads(found.texts["program"])
    nodes = [Node(_load(node, arrays), tuple(node["inputs"])) for node in program["nodes"]]
    return Program(nodes, program["outputs"])


def _signature(about: dict[str, Any]) -> Signature:
    """Return a stored signature; what a later version may add to it is left out."""
    known = {field.name: about[field.name] for field in fields(Signature) if field.name in about}
    for name in ("columns", "methods"):
        known[name] = None if known[name] is None else tuple(known[name])
    if known.get("column_types") is not None:
        known["column_types"] = tuple(map(_column_type, known["column_types"]))
    return Signature(**known)


def _column_type(about: dict[str, Any]) -> ColumnType:
    known = {field.name: about[field.name] for field in fields(ColumnType) if field.name in about}
    if known.get("categories") is not None:
        known["categories"] = tuple(known["categories"])
    return ColumnType(**known)


def _load(node: dict[str, Any], arrays: dict[str, Array]) -> Operation:
    values = {name: _decode(value, arrays) for name, value in node["fields"].items()}
    found: Operation = class_of(node["operation"])(**values)
    return found


def _encode(value: Any, arrays: dict[str, Array], name: str) -> Any:
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


def _decode(value: Any, arrays: dict[str, Array]) -> Any:
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
