"""The wire of `POST /inference`: requests, answers and errors as typed structs.

Unknown fields are refused, so that a misspelt one can't be ignored in silence. Numbers follow
JSON: NaN and the infinities don't exist there; send null for a missing value, and an answer's
NaN or infinity is null.
"""

from typing import Any

import msgspec

from serving.errors import BadRequest
from serving.manifest import Method


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """How to ask: the estimator's method."""

    method: Method = "predict"


class InferenceRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `POST /inference`.

    Attributes:
        model: its name.
        instances: one item for each prediction: a list of values, an object of values by column
            name, or a string, as the model's signature says.
        version: a version to ask in place of the current one.
    """

    model: str
    instances: list[Any]
    version: str | None = None
    parameters: Parameters = msgspec.field(default_factory=Parameters)


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


def decode_request(body: bytes) -> InferenceRequest:
    """Read the body of `POST /inference`.

    Raises:
        BadRequest: with the JSON path of what is wrong.
    """
    try:
        request = _request_decoder.decode(body)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `")
        raise BadRequest(f"{text}.", field=path.rstrip("`") or "$") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body isn't valid JSON: {error}.{_hint(body)}") from error
    if not request.instances:
        raise BadRequest("instances is empty; send at least one.", field="$.instances")
    return request


def _hint(body: bytes) -> str:
    if not body:
        return ' Send {"model": NAME, "instances": [...]}.'
    if b"NaN" in body or b"Infinity" in body:
        return " NaN and Infinity don't exist in JSON; send null for a missing value."
    return ""


def encode(answer: object) -> bytes:
    """Write an answer; NaN and infinity become null."""
    return _encoder.encode(answer)
