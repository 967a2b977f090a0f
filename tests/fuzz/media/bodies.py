"""Bodies that models take, in each medium, and mutants of them."""

import io
import json
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MODELS = ("classifier", "frame", "mixed", "text", "several")
PIECES = [
    *(b"", b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"NaN", b"null", b"1e999"),
    *(b"9007199254740993", b"9" * 400, b"-0", b"[", b"]", b"{", b"}", b"age,income\n", b"0x1"),
    *(b"\xd8\x00", b"\x93NUMPY", b"'O'", b"'<U9'", b"'|V8'", b"True", b"-1", b"BYTES", b"UINT64"),
]
CONTENT_TYPES = {
    "csv": [
        *("text/csv", "application/csv", "text/csv; header=present", "text/csv; header=absent"),
        *("text/csv; charset=utf-16", "text/csv; charset=latin-1; header=present", "text/csv; x="),
    ],
    "lines": ["application/jsonlines", "application/x-ndjson", "application/jsonl; charset=utf-16"],
    "npy": ["application/x-npy"],
    "json": ["application/json", "application/json; charset=latin1"],
    "v2": ["application/json"],
}
LENGTH = "Inference-Header-Content-Length"
DESCRS = ["<f8", ">f4", "<i8", "<u8", "|b1", "<f2", "<U3", "|O", "<M8[s]", "<c16", "|S4", "|V8"]


@dataclass
class Sent:
    """A body, the model and the headers that it is sent with."""

    model: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


ODD = [2**53 + 1, 2**64 - 1, "Oslo", "01234", None, True, "a,b", "é", 1e300]


def _cell(draw: random.Random, usual: Any) -> Any:
    return usual if draw.random() < 0.9 else draw.choice(ODD)


def _rows(model: str, draw: random.Random) -> list[list[Any]]:
    """Return two rows, most of them as the model takes them."""
    kinds: dict[str, list[Any]] = {"mixed": [30, "Oslo"], "text": ["good"]}
    usual = kinds.get(model, [1, -0.5])
    width = len(usual) if draw.random() < 0.9 else draw.choice([1, 3])
    return [[_cell(draw, usual[j % len(usual)]) for j in range(width)] for _ in range(2)]


def csv(model: str, draw: random.Random) -> tuple[bytes, dict[str, str]]:
    """Return rows of cells, some after a header."""
    header = draw.choice(["", "", "age,income\n", "town,age\n", "a,b\n", "0,1\n", "text\n"])
    rows = [["" if cell is None else str(cell) for cell in row] for row in _rows(model, draw)]
    lines = [",".join(f'"{c}"' if "," in c else c for c in row) for row in rows]
    return (header + "\n".join(lines)).encode(), {}


def lines(model: str, draw: random.Random) -> tuple[bytes, dict[str, str]]:
    """Return an instance on each line."""
    names = ("age", "town")
    rows: list[Any] = _rows(model, draw)
    if model in ("frame", "mixed") and draw.random() < 0.5:
        rows = [dict(zip(names, row, strict=False)) for row in rows]
    rows = [row[0] for row in rows] if model == "text" else rows
    return "\n".join(json.dumps(row) for row in rows).encode(), {}


def json_body(model: str, draw: random.Random) -> tuple[bytes, dict[str, str]]:
    """Return a body of JSON."""
    rows: list[Any] = _rows(model, draw)
    rows = [row[0] for row in rows] if model == "text" else rows
    return json.dumps({"instances": rows}).encode(), {}


def npy(_: str, draw: random.Random) -> tuple[bytes, dict[str, str]]:
    """Return an array of any dtype, some with a header that says something else."""
    file = io.BytesIO()
    if draw.random() < 0.4:
        np.save(file, np.array([[1, 0], [0, draw.choice([1, -0.5, np.nan, 2.0**60])]]))
        return file.getvalue(), {}
    descr = np.dtype(draw.choice(DESCRS))
    values = np.frombuffer(draw.randbytes(4 * max(descr.itemsize, 8)), np.uint8)
    array = np.zeros(draw.choice([(2, 2), (2, 2), (4,), (1, 2, 2), ()]), descr)
    if descr.kind != "O":
        raw = array.reshape(-1).view(np.uint8)
        raw[:] = np.resize(values, raw.shape)
    np.save(file, np.asfortranarray(array) if draw.random() < 0.3 else array, allow_pickle=True)
    body = file.getvalue()
    for old, new in ((b"(2, 2)", b"(9, 9)"), (b"False", b"True "), (b"descr", b"desrc")):
        if draw.random() < 0.1:
            body = body.replace(old, new)
    return body, {}


def v2(model: str, draw: random.Random) -> tuple[bytes, dict[str, str]]:
    """Return tensors, in JSON or in binary."""
    datatype = draw.choice(["FP64", "INT64", "UINT64", "BOOL", "BYTES", "FP16", "BF16", "INT8"])
    datatype = {"mixed": "BYTES", "text": "BYTES"}.get(model, datatype)
    rows = _rows(model, draw)
    data = [cell for row in rows for cell in row]
    tensor: dict[str, Any] = {"name": draw.choice(["x", "x", "age"]), "datatype": datatype}
    tensor["shape"] = draw.choice([[2, len(rows[0])]] * 8 + [[4, 1], [4], [2**62, 4], [0, 2], [-1]])
    if datatype in ("INT64", "UINT64", "INT8"):
        data = [int(cell) if cell == -0.5 else cell for cell in data]
    if draw.random() < 0.5:
        return json.dumps({"inputs": [{**tensor, "data": data}], "outputs": None}).encode(), {}
    texts = [str(cell).encode() for cell in data]
    raw = b"".join(struct.pack("<I", len(t)) + t for t in texts)
    size = {"FP64": 8, "INT64": 8, "UINT64": 8, "FP16": 2, "BF16": 2}.get(datatype, 1) * len(data)
    numbers = bytes(size) if draw.random() < 0.5 else draw.randbytes(size)
    raw = raw if datatype == "BYTES" else numbers
    header = json.dumps({"inputs": [{**tensor, "parameters": {"binary_data_size": len(raw)}}]})
    return header.encode() + raw, {LENGTH: str(len(header) + draw.choice([0, 0, 0, 1, -1]))}


MAKERS: dict[str, Callable[[str, random.Random], tuple[bytes, dict[str, str]]]] = {
    "csv": csv,
    "lines": lines,
    "json": json_body,
    "npy": npy,
    "v2": v2,
}


def mutated(body: bytes, draw: random.Random) -> bytes:
    """Return a body with something in it changed, dropped, doubled or added."""
    for _ in range(draw.choice([0, 0, 0, 1, 1, 2, 4])):
        at, piece = draw.randrange(len(body) + 1), draw.choice(PIECES)
        until = min(len(body), at + draw.choice([0, 0, 1, 4, 30]))
        body = draw.choice(
            [
                body[:at] + piece + body[until:],
                body[:at] + draw.randbytes(draw.randrange(4)) + body[until:],
                body[:until] + body[at:],
                body[:at],
            ]
        )
    return body


def draw_body(medium: str, draw: random.Random) -> Sent:
    """Return a body of a medium, most of them mutants."""
    model = draw.choice(MODELS)
    body, headers = MAKERS[medium](model, draw)
    kind = draw.choice(CONTENT_TYPES[medium])
    if "utf-16" in kind and draw.random() < 0.7:
        body = body.decode("latin-1").encode("utf-16")
    return Sent(model, mutated(body, draw), {"Content-Type": kind, **headers})
