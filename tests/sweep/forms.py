"""The forms of a request: how a question is written in each, and how its answer is read."""

import csv
import io
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from serving.api.application import Request, Response
from tests.sweep.spelling import rows_of

JSON = {"content-type": "application/json"}
LENGTH = "inference-header-content-length"
BINARY = {"BOOL": "?", "INT32": "<i4", "INT64": "<i8", "FP32": "<f4", "FP64": "<f8"}
DATATYPES = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}


class NotWritable(Exception):
    """The form can't hold the question."""


@dataclass(frozen=True)
class Form:
    """A form.

    Attributes:
        write: makes the request from the model's name, the rows and the method.
        read: returns an answer for each row.
    """

    name: str
    write: Callable[[str, Any, str], Request]
    read: Callable[[Response], list[Any]]


def v1(model: str, data: Any, method: str) -> Request:
    """Write records by column name, lists or texts."""
    body = {"instances": _instances(data), "parameters": {"method": method}}
    return Request("POST", f"/v1/models/{model}:predict", JSON, json.dumps(body).encode())


def dataframe_split(_: str, data: Any, method: str) -> Request:
    """Write what MLflow's scoring client sends. It asks for `predict`."""
    if method != "predict" or not isinstance(data, pd.DataFrame):
        raise NotWritable
    body = {"dataframe_split": {"columns": list(data.columns), "data": rows_of(data)}}
    return Request("POST", "/invocations", JSON, json.dumps(body).encode())


def text_csv(_: str, data: Any, method: str) -> Request:
    """Write a header where there are names; an empty cell is missing. It asks for `predict`."""
    if method != "predict":
        raise NotWritable
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if isinstance(data, pd.DataFrame):
        writer.writerow(data.columns)
    rows = rows_of(data)
    writer.writerows([row] if isinstance(row, str) else row for row in rows)
    kind = {"content-type": "text/csv", "accept": "application/json"}
    return Request("POST", "/invocations", kind, text.getvalue().encode())


def may_be_text(data: Any) -> bool:
    """Whether a gap becomes an empty text in CSV, where the column takes no missing values."""
    if not isinstance(data, pd.DataFrame):
        return False
    return bool(data.isna().to_numpy().any()) and any(kind.kind != "f" for kind in data.dtypes)


def v2_json(model: str, data: Any, method: str) -> Request:
    """Write a tensor for each column, or one for all."""
    tensors = [{**head, "data": values} for head, values in _tensors(data)]
    return _infer(model, {"inputs": tensors, "parameters": {"method": method}})


def v2_binary(model: str, data: Any, method: str) -> Request:
    """Write binary tensors, and ask for some. Texts with gaps stay JSON: bytes have no null."""
    tensors, parts = [], []
    for head, values in _tensors(data):
        if head["datatype"] == "BYTES" and None in values:
            tensors.append({**head, "data": values})
            continue
        raw = _packed(head["datatype"], values)
        tensors.append({**head, "parameters": {"binary_data_size": len(raw)}})
        parts.append(raw)
    parameters = {"method": method, "binary_data_output": True}
    return _infer(model, {"inputs": tensors, "parameters": parameters}, *parts)


def _instances(data: Any) -> list[Any]:
    rows = rows_of(data)
    if not isinstance(data, pd.DataFrame):
        return rows
    return [dict(zip(data.columns, row, strict=True)) for row in rows]


def _tensors(data: Any) -> list[tuple[dict[str, Any], list[Any]]]:
    rows = rows_of(data)
    if isinstance(data, list):
        return [(_head("text", "BYTES", [len(rows)]), rows)]
    if isinstance(data, pd.DataFrame):
        columns = zip(data.columns, zip(*rows, strict=True), strict=True)
        return [
            (_head(name, _datatype(column), [len(rows), 1]), list(column))
            for name, column in columns
        ]
    flat = [value for row in rows for value in row]
    return [(_head("input", _datatype(flat), list(data.shape)), flat)]


def _head(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}


def _datatype(values: Any) -> str:
    """Return the datatype that holds all values; gaps are NaN, and booleans with gaps texts."""
    kinds = {type(value) for value in values if value is not None}
    gaps = None in values
    if kinds <= {int, float} and (gaps or len(kinds) != 1):
        if any(isinstance(value, int) and abs(value) >= 2**53 for value in values):
            raise NotWritable
        return "FP64"
    if len(kinds) > 1 or (gaps and kinds == {bool}):
        raise NotWritable
    return DATATYPES[kinds.pop()]


def _packed(datatype: str, values: list[Any]) -> bytes:
    if datatype == "BYTES":
        encoded = [value.encode() for value in values]
        return b"".join(struct.pack("<I", len(raw)) + raw for raw in encoded)
    return np.array(values, dtype=BINARY[datatype]).tobytes()


def _infer(model: str, header: dict[str, Any], *parts: bytes) -> Request:
    content = json.dumps(header).encode()
    named = {"Inference-Header-Content-Length": str(len(content))} if parts else {}
    return Request("POST", f"/v2/models/{model}/infer", named, content + b"".join(parts))


def predictions(response: Response) -> list[Any]:
    """Read the answer of V1, of CSV and of MLflow's forms."""
    found: list[Any] = json.loads(response.body)["predictions"]
    return found


def outputs(response: Response) -> list[Any]:
    """Read the answer of V2: one output, or several that belong together row by row."""
    length = int(response.headers.get(LENGTH, len(response.body)))
    rest, arrays = response.body[length:], []
    for output in json.loads(response.body[:length])["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size")
        values = output.get("data") if size is None else _unpacked(output["datatype"], rest[:size])
        rest = rest if size is None else rest[size:]
        arrays.append(np.array(values, dtype=object).reshape(output["shape"]).tolist())
    return arrays[0] if len(arrays) == 1 else [list(parts) for parts in zip(*arrays, strict=True)]


def _unpacked(datatype: str, raw: bytes) -> list[Any]:
    if datatype != "BYTES":
        found: list[Any] = np.frombuffer(raw, BINARY[datatype]).tolist()
        return found
    texts = []
    while raw:
        end = 4 + struct.unpack("<I", raw[:4])[0]
        texts.append(raw[4:end].decode())
        raw = raw[end:]
    return texts


FORMS = (
    Form("V1 JSON", v1, predictions),
    Form("V2 JSON", v2_json, outputs),
    Form("V2 binary", v2_binary, outputs),
    Form("CSV", text_csv, predictions),
    Form("dataframe_split", dataframe_split, predictions),
)
