"""Changes files at random: their bytes, and the numbers that a parser of the format would see."""

import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
TEXTS = (
    *(b"-1", b"0", b"1", b"2", b"7", b"99", b"-2", b"99999999", b"2147483647", b"-2147483648"),
    *(b"4294967296", b"9223372036854775807", b"nan", b"1e308", b"1e999", b"", b"-0.0"),
)
INTEGERS = (
    *(-1, 0, 1, 2, 3, 5, 7, 99, -2, 255, 256, 65535, 2**24, 99_999_999, 2**31 - 1, -(2**31)),
    *(2**32, 2**40, 2**62, 2**63 - 1, -(2**63)),
)
TYPED = re.compile(rb"\[\$([iUIlLdD])#L(.{8})", re.DOTALL)
SIZES = {b"i": 1, b"U": 1, b"I": 2, b"l": 4, b"d": 4, b"L": 8, b"D": 8}
Mutator = Callable[[bytes, random.Random], bytes]
OPERATORS = ("Loop", "Range", "Expand", "Tile", "ConstantOfShape", "Resize", "Gather", "Scan")


def mutant(kind: str, data: bytes, rng: random.Random) -> bytes:
    """Return a file with one to six changes."""
    if kind == "recognised" and data.startswith(b"PK"):
        kind = "directory"
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        structured = STRUCTURED.get(kind)
        if structured is not None and rng.random() < 0.7:
            data = _in_its_structure(structured, data, rng)
        else:
            data = _bytes(data, rng)
    return data


def _in_its_structure(structured: Mutator, data: bytes, rng: random.Random) -> bytes:
    """Change a file as its format has it; one that earlier changes broke, byte by byte."""
    try:
        return structured(data, rng)
    except Exception:
        return _bytes(data, rng)


def _bytes(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    changed, at = bytearray(data), rng.randrange(len(data))
    kind = rng.random()
    if kind < 0.4:
        changed[at] ^= 1 << rng.randrange(8)
    elif kind < 0.55:
        changed[at] = rng.randrange(256)
    elif kind < 0.75:
        word = _word(rng, rng.choice([1, 2, 4, 8]), rng.choice(["little", "big"]))
        changed[at : at + len(word)] = word
    elif kind < 0.85:
        del changed[at : at + rng.randrange(1, 16)]
    elif kind < 0.95:
        other = rng.randrange(len(data))
        changed[at:at] = data[other : other + rng.randrange(1, 32)]
    else:
        del changed[at:]
    return bytes(changed)


def _word(rng: random.Random, size: int, order: Any) -> bytes:
    return (rng.choice(INTEGERS) % (1 << 8 * size)).to_bytes(size, order)


def _text(data: bytes, rng: random.Random) -> bytes:
    """Change a number in a text."""
    places = list(NUMBER.finditer(data))
    if not places:
        return data
    place = rng.choice(places)
    other = rng.choice(places)[0] if rng.random() < 0.3 else rng.choice(TEXTS)
    return data[: place.start()] + other + data[place.end() :]


def _json(data: bytes, rng: random.Random) -> bytes:
    """Change an entry of an object or array, or put one in another's place."""
    try:
        document = json.loads(data)
    except ValueError:
        return _text(data, rng)
    holders = [document]
    for holder in holders:
        values = holder.values() if isinstance(holder, dict) else holder
        holders += [value for value in values if isinstance(value, dict | list) and value]
    holder = rng.choice(holders)
    if not holder:
        return _text(data, rng)
    key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    kind = rng.random()
    if kind < 0.6 and not isinstance(holder[key], dict | list):
        value = rng.choice([*INTEGERS, 0.5, "1", None, True])
        holder[key] = str(value) if isinstance(holder[key], str) else value
    elif kind < 0.75:
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(key, rng.choice(holder))
    return json.dumps(document).encode()


def _ubjson(data: bytes, rng: random.Random) -> bytes:
    """Change a number of a typed array."""
    places = [m for m in TYPED.finditer(data) if int.from_bytes(m[2], "big")]
    if not places:
        return _bytes(data, rng)
    place = rng.choice(places)
    size = SIZES[place[1]]
    at = place.end() + size * rng.randrange(int.from_bytes(place[2], "big"))
    return data[:at] + _word(rng, size, "big") + data[at + size :]


def _aligned(data: bytes, rng: random.Random) -> bytes:
    """Change a number at an aligned place."""
    size = rng.choice([1, 2, 4, 4, 4, 8])
    at = size * rng.randrange(max(len(data) // size, 1))
    return data[:at] + _word(rng, size, "little") + data[at + size :]


def _zip(data: bytes, rng: random.Random) -> bytes:
    """Change one member of an archive: the schema's numbers, or an array."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as written:
            chosen = rng.choice(archive.namelist())
            for name in archive.namelist():
                content = archive.read(name)
                if name == chosen:
                    content = _member(name, content, rng)
                written.writestr(name, content)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError):
        return _bytes(data, rng)
    return out.getvalue()


def _directory(data: bytes, rng: random.Random) -> bytes:
    """Change a number in the last 200 bytes, where an archive has its directory."""
    start = max(0, len(data) - 200)
    return data[:start] + _bytes(data[start:], rng)


def _member(name: str, content: bytes, rng: random.Random) -> bytes:
    if name.endswith("json"):
        return _json(content, rng) if rng.random() < 0.5 else _text(content, rng)
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False).copy()
    except (ValueError, EOFError, OSError):
        return _bytes(content, rng)
    flat = array.reshape(-1).view(np.uint8)
    size = min(rng.choice([1, 4, 8, 8]), flat.size)
    if size:
        at = size * rng.randrange(flat.size // size)
        flat[at : at + size] = np.frombuffer(_word(rng, size, "little"), np.uint8)
    out = io.BytesIO()
    halved = array[: len(array) // 2] if array.ndim and rng.random() >= 0.9 else array
    np.save(out, halved, allow_pickle=False)
    return out.getvalue()


def _onnx(data: bytes, rng: random.Random) -> bytes:
    """Change an attribute, a wire, an operator or a tensor of a graph."""
    try:
        model = onnx.load_model_from_string(data)
        graph = model.graph
        node = rng.choice(graph.node)
        kind = rng.random()
        if kind < 0.4 and node.attribute:
            _attribute(rng.choice(node.attribute), rng)
        elif kind < 0.6 and node.input:
            names = [name for other in graph.node for name in (*other.input, *other.output)]
            node.input[rng.randrange(len(node.input))] = rng.choice(names)
        elif kind < 0.7:
            node.op_type = rng.choice([*OPERATORS, rng.choice(graph.node).op_type])
        elif graph.initializer:
            _tensor(rng.choice(graph.initializer), rng)
        return bytes(model.SerializeToString())
    except Exception:  # the mutant before wasn't a model any more, or this one can't be written
        return _bytes(data, rng)


def _attribute(attribute: onnx.AttributeProto, rng: random.Random) -> None:
    if attribute.ints:
        attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(INTEGERS) % 2**62
    elif attribute.floats:
        attribute.floats[rng.randrange(len(attribute.floats))] = rng.choice([0, -1, 1e30, 7])
    elif attribute.strings:
        attribute.strings[rng.randrange(len(attribute.strings))] = rng.choice(attribute.strings)
    else:
        attribute.i = rng.choice(INTEGERS) % 2**62


def _tensor(tensor: onnx.TensorProto, rng: random.Random) -> None:
    if tensor.raw_data and rng.random() < 0.7:
        tensor.raw_data = _aligned(tensor.raw_data, rng)
    elif tensor.int64_data and rng.random() < 0.7:
        tensor.int64_data[rng.randrange(len(tensor.int64_data))] = rng.choice(INTEGERS)
    elif tensor.dims:
        tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(INTEGERS)


def _program(data: bytes, rng: random.Random) -> bytes:
    """Change the header of a compiled form, the program in it, or an array's number."""
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
        texts = header["__metadata__"]
        if rng.random() < 0.5:
            return data[: 8 + length] + _aligned(data[8 + length :], rng)
        if rng.random() < 0.7:
            texts["program"] = _json(texts["program"].encode(), rng).decode()
            encoded = json.dumps(header).encode()
        else:
            encoded = _json(json.dumps(header).encode(), rng)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _bytes(data, rng)
    encoded += b" " * (-len(encoded) % 8)
    return len(encoded).to_bytes(8, "little") + encoded + data[8 + length :]


STRUCTURED = {
    "json": _json,
    "ubj": _ubjson,
    "txt": _text,
    "cbm": _aligned,
    "skops": _zip,
    "onnx": _onnx,
    "joblib": _aligned,
    "program": _program,
    "directory": _directory,
}
