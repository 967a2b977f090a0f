"""Readers and writers of bodies by media type, for SageMaker's containers.

The types are those of SageMaker's built-in algorithms:
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

import csv
import io
import math
import re
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import Batch
from serving.api import contract
from serving.api.contract import InferenceResponse, ModelInstances, Parameters
from serving.api.forms import Form
from serving.api.routing import JSON
from serving.errors import BadRequest, NotAcceptable

CSV = "text/csv"
LINES = "application/jsonlines"
NPY = "application/x-npy"
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MAX_DIGITS = 300
_lines = msgspec.json.Decoder(list[Any] | dict[str, Any] | str)


_json = msgspec.json.Decoder(ModelInstances | list[Any])


def media_type(header: str) -> str:
    """Return a header's media type without its parameters, in lower case."""
    return header.partition(";")[0].strip().lower()


def read_json(body: bytes) -> tuple[Form, Parameters]:
    """Read one of the forms of `POST /inference` without a model's name, or a list alone."""
    asked = contract.decode(_json, body, ' Send {"instances": [...]}.')
    if isinstance(asked, list):
        asked = ModelInstances(instances=asked)
    return asked.form(), asked.asked()


def from_json(body: bytes) -> tuple[Batch, Parameters]:
    """Read instances as `read_json` does."""
    form, asked = read_json(body)
    return form.batch, asked


def from_lines(body: bytes) -> tuple[Batch, Parameters]:
    """Read one instance from each line."""
    rows = [line for line in body.split(b"\n") if line.strip()]
    return [contract.decode(_lines, row) for row in rows], Parameters()


def from_csv(body: bytes) -> tuple[Batch, Parameters]:
    """Read one row from each line, without a header; an empty cell, or nan, is missing."""
    try:
        text = body.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(f"The body isn't CSV in UTF-8: {error}.") from error
    return [[_value(cell) for cell in row] for row in rows], Parameters()


def from_npy(body: bytes) -> tuple[Batch, Parameters]:
    """Read one array of numbers, shape (n, k), as `numpy.save` writes it; never a pickle."""
    try:
        array = np.load(io.BytesIO(body), allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError) as error:
        raise BadRequest(f"The body isn't an array of numbers in npy form: {error}") from error
    if not isinstance(array, np.ndarray) or array.ndim != 2:
        raise BadRequest("Send one array of shape (n, k), as numpy.save writes it.")
    return array, Parameters()


def to_json(told: InferenceResponse, _: Any) -> bytes:
    """Write the answer of `POST /inference`."""
    return contract.encode(told)


def to_lines(told: InferenceResponse, _: Any) -> bytes:
    """Write each prediction on a line."""
    return b"".join(contract.encode(prediction) + b"\n" for prediction in told.predictions)


def to_csv(told: InferenceResponse, _: Any) -> bytes:
    """Write each prediction on a line, its values side by side."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for prediction in told.predictions:
        writer.writerow(prediction if isinstance(prediction, list) else [prediction])
    return text.getvalue().encode()


def to_npy(_: InferenceResponse, result: Any) -> bytes:
    """Write one array; raises `NotAcceptable` where several, or of objects, would be needed."""
    rows = outputs.rows(result) if isinstance(result, list) else result
    try:
        array = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
        array = array.astype(str) if array.dtype == object else array
    except ValueError as error:
        raise NotAcceptable("This answer is no array; accept application/json.") from error
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _value(cell: str) -> float | int | str | None:
    """Read a cell: a finite number, missing (empty or nan), or text."""
    text = cell.strip()
    if NUMBER.fullmatch(text):
        number = float(text)
        whole = text.lstrip("+-").isdecimal() and len(text) <= MAX_DIGITS
        return int(text) if whole else number if math.isfinite(number) else cell
    return None if text.lower() in ("", "nan") else cell


READERS: dict[str, Callable[[bytes], tuple[Batch, Parameters]]] = {
    JSON: from_json,
    LINES: from_lines,
    CSV: from_csv,
    NPY: from_npy,
}
WRITERS: dict[str, Callable[[InferenceResponse, Any], bytes]] = {
    JSON: to_json,
    LINES: to_lines,
    CSV: to_csv,
    NPY: to_npy,
}
