"""API Gateway's REST proxy events, decoded into requests, and replies encoded for it.

Format: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway" (format 1.0).
"""

import base64
import binascii
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
# Lambda takes 6 MB, and base64 makes four letters of three bytes.
MAX_ANSWER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A caller's request; header names are in lower case."""

    method: str
    route: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The content type of the body; JSON where none is given."""
        return self.headers.get("content-type") or JSON

    @property
    def accept(self) -> str | None:
        """The content type that the caller accepts; None where any will do."""
        accept = self.headers.get("accept", "*/*")
        return None if accept == "*/*" else accept


@dataclass(slots=True)
class Reply:
    """The answer to a request."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends a request with a status, a symbolic code and a text that says what to do."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def reply(self) -> Reply:
        """Return the error in the API's error shape."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        error = {"error": {"code": self.code, "message": self.message}}
        return as_json(self.status, error, **headers)


def as_json(status: int, value: object, **headers: str) -> Reply:
    """Return a JSON reply; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, body.encode(), JSON, named)


def to_request(event: Mapping[str, Any]) -> Request:
    """Decode an event; a body that is wrongly marked as base64 is passed on unchanged."""
    text = event.get("body") or ""
    body = text.encode("utf-8", "surrogatepass")
    if event.get("isBase64Encoded"):
        with contextlib.suppress(binascii.Error):
            body = base64.b64decode(text, validate=True)
    return Request(
        method=event["httpMethod"],
        route=event["resource"],
        parameters=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=body,
    )


def to_event(reply: Reply) -> dict[str, Any]:
    """Encode a reply in base64, since an answer may be binary and the API takes all as such."""
    return {
        "statusCode": reply.status,
        "headers": {"Content-Type": reply.content_type, **reply.headers},
        "body": base64.b64encode(reply.body).decode(),
        "isBase64Encoded": True,
    }
