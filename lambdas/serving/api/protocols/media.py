"""Readers and writers of bodies by media type.

The types are those of SageMaker's built-in algorithms, and the other names that people give them:
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

import csv
import io
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Signature
from serving.api import contract
from serving.api.contract import DEFAULTS, InferenceResponse, ModelInstances, Parameters
from serving.api.forms import Form
from serving.api.protocols import csv_reader, npy_reader
from serving.api.protocols.content_type import ContentType
from serving.api.routing import JSON
from serving.errors import BadRequest, NotAcceptable, UnsupportedMediaType

CSV = "text/csv"
LINES = "application/jsonlines"
NPY = "application/x-npy"
# Other names of the same types.
ALIASES = {
    "application/csv": CSV,
    "application/x-csv": CSV,
    "text/x-csv": CSV,
    "application/x-ndjson": LINES,
    "application/ndjson": LINES,
    "application/jsonl": LINES,
    "application/x-jsonl": LINES,
    "application/x-jsonlines": LINES,
    "application/json-lines": LINES,
    "text/json": JSON,
}
SignatureOf = Callable[[], Signature]
_lines = msgspec.json.Decoder(list[Any] | dict[str, Any] | str)


_json = msgspec.json.Decoder(ModelInstances | list[Any])


def media_type(header: str) -> str:
    """Return a header's media type without its parameters, in lower case."""
    return ContentType.parse(header).name


def canonical(kind: str) -> str:
    """Return a media type by the name that it has here; one that isn't known as it is."""
    return ALIASES.get(kind, kind)


def read(body: bytes, header: str, signature: SignatureOf) -> tuple[Form, Parameters]:
    """Read a body of the header's type.

    Args:
        signature: gives the signature of the model, for the types that need it.

    Raises:
        UnsupportedMediaType: there is no reader of the type.
        BadRequest, SignatureMismatch: it can't be read; the text says where.
    """
    content_type = ContentType.parse(header)
    kind = canonical(content_type.name)
    if kind == JSON:
        return _read_json(content_type.utf_8(body))
    reader = READERS.get(kind)
    if reader is None:
        text = f"{content_type.name!r:.100} can't be read; send {JSON}, {', '.join(READERS)}."
        raise UnsupportedMediaType(text, field="Content-Type")
    batch = reader(body, content_type, signature)
    if not len(batch):
        raise BadRequest("The body has no instances; send at least one.")
    return Form(batch), DEFAULTS


def _read_json(body: bytes) -> tuple[Form, Parameters]:
    """Read one of the forms of `POST /inference` without a model's name, or a list alone."""
    asked = contract.decode(_json, body, ' Send {"instances": [...]}.')
    if isinstance(asked, list):
        asked = ModelInstances(instances=asked)
    return asked.form(), asked.asked()


def from_lines(body: bytes, content_type: ContentType, _: SignatureOf) -> Batch:
    """Read one instance from each line."""
    rows: list[Any] = []
    for number, line in enumerate(content_type.utf_8(body).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(contract.decode(_lines, line))
        except BadRequest as error:
            field = f"$[{len(rows)}]{(error.field or '$')[1:]}"
            raise BadRequest(f"Line {number}: {error}", field=field) from error
    return rows


def from_csv(body: bytes, content_type: ContentType, signature: SignatureOf) -> Batch:
    """Read one row from each line, after a header where there is one."""
    return csv_reader.read(body, content_type, signature())


def from_npy(body: bytes, _: ContentType, signature: SignatureOf) -> Batch:
    """Read one array, as `numpy.save` writes it; never a pickle."""
    return npy_reader.read_batch(body, signature())


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


READERS: dict[str, Callable[[bytes, ContentType, SignatureOf], Batch]] = {
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
WRITABLE = (*WRITERS, *ALIASES)
