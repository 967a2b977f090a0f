"""The messages of `POST /inference`: requests, answers and errors as typed structs.

Unknown fields are refused, so that a misspelt one can't be ignored in silence. JSON has no NaN and
no infinities: a request has null for a missing value, and an answer has null in their place.
Integers are written with all their digits, beyond 2^53 too. A reader that makes doubles of them,
as JavaScript does, has to read those as text.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from modelmount_compiler.instances.batches import Batch, Table
from modelmount_compiler.signature import Method
from serving.api.tables import table
from serving.errors import BadRequest, SignatureMismatch
from serving.service.query import Query

T = TypeVar("T")
NO_TABLE = (UNSET, UNSET, UNSET)


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """How to ask: the estimator's method."""

    method: Method = "predict"


class InferenceRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `POST /inference`: `instances`, or `columns` with `data`, or `inputs`.

    Attributes:
        model: its name.
        instances: one item for each prediction: a list of values, an object of values by column
            name, or a string, as the model's signature says.
        version: a version to ask in place of the current one.
        columns: names of the columns of `data`, in any order.
        data: a list of values for each prediction.
        inputs: a list of values for each column, by its name.
    """

    model: str
    instances: list[Any] | UnsetType = UNSET
    version: str | None = None
    parameters: Parameters = msgspec.field(default_factory=Parameters)
    columns: list[str] | UnsetType = UNSET
    data: list[list[Any]] | UnsetType = UNSET
    inputs: dict[str, list[Any]] | UnsetType = UNSET

    def batch(self) -> Batch:
        """Return the instances; raises `BadRequest` where there are none, or more than one form."""
        forms = (self.instances, self.columns, self.data, self.inputs)
        if forms[1:] == NO_TABLE and self.instances is not UNSET:
            return _some(self.instances, "instances")
        match forms:
            case UnsetType(), list() as columns, list() as data, UnsetType():
                return _some(_split(columns, data), "data")
            case UnsetType(), UnsetType(), UnsetType(), dict() as columns:
                return _some(table(columns), "inputs")
            case _:
                text = "Send instances, or columns with data, or inputs: one of these, and no more."
                raise BadRequest(text, field="$")


def _split(columns: list[str], data: list[list[Any]]) -> Table:
    for i, row in enumerate(data):
        if len(row) != len(columns):
            text = f"data[{i}] has {len(row)} values for {len(columns)} columns."
            raise SignatureMismatch(text, field=f"$.data[{i}]")
    return Table(tuple(columns), data)


def _some(batch: Batch, field: str) -> Batch:
    if not len(batch):
        raise BadRequest(f"{field} is empty; send at least one.", field=f"$.{field}")
    return batch


class InferenceResponse(msgspec.Struct):
    """Answer of `POST /inference`: who answered, and one prediction for each instance."""

    model: str
    version: str
    predictions: list[Any]


class Error(msgspec.Struct, omit_defaults=True):
    """What went wrong: a symbolic code, a text that says what to do, and the field's JSON path.

    Attributes:
        id: of an unexpected error, under which the log has the details.
    """

    code: str
    message: str
    field: str | None = None
    id: str | None = None


class ErrorResponse(msgspec.Struct):
    """Body of every answer that isn't a success."""

    error: Error


_request_decoder = msgspec.json.Decoder(InferenceRequest)
_encoder = msgspec.json.Encoder()


def decode_request(body: bytes) -> Query:
    """Read the body of `POST /inference`; raises `BadRequest` as `decode` does."""
    asked = decode(_request_decoder, body, ' Send {"model": NAME, "instances": [...]}.')
    return Query(asked.model, asked.version, asked.batch(), asked.parameters.method)


def decode(decoder: msgspec.json.Decoder[T], body: bytes, example: str = "") -> T:
    """Read a body of JSON.

    Args:
        example: a sentence that shows a valid body, for a caller who sends none.

    Raises:
        BadRequest: with the JSON path of the faulty value.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        from serving.api import validation  # noqa: PLC0415 (only who is refused needs it)

        raise validation.refusal(error, decoder.type) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        hint = _hint(body) if body else example
        raise BadRequest(f"The body isn't valid JSON: {error}.{hint}") from error


def _hint(body: bytes) -> str:
    if b"NaN" in body or b"Infinity" in body:
        return " NaN and Infinity don't exist in JSON; send null for a missing value."
    return ""


def encode(answer: object) -> bytes:
    """Write an answer; NaN and infinity become null."""
    return _encoder.encode(answer)
