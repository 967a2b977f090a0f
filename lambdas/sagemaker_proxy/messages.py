"""API Gateway's REST proxy events as requests, and answers as what it takes back.

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
# Lambda carries 6 MB, and base64 makes four letters of three bytes.
MAX_ANSWER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller sent; header names are in lower case."""

    method: str
    route: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """Return what the body is said to be, JSON unless it is said."""
        return self.headers.get("content-type") or JSON

    @property
    def accept(self) -> str | None:
        """Return what the caller wants; None where anything goes."""
        accept = self.headers.get("accept", "*/*")
        return None if accept == "*/*" else accept


@dataclass(slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request ends here, with a status, a symbolic code and a text that says what to do."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def reply(self) -> Reply:
        """Write it in the API's error shape."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        error = {"error": {"code": self.code, "message": self.message}}
        return as_json(self.status, error, **headers)


def as_json(status: int, value: object, **headers: str) -> Reply:
    """Write a value; an underscore in a header's name stands for its hyphen."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, body.encode(), JSON, named)


def to_request(event: Mapping[str, Any]) -> Request:
    """Read an event; a body that claims to be base64 and isn't is passed on as it came."""
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
    """Write a reply, in base64: an answer may be of any type, and the API takes all as binary."""
    return {
        "statusCode": reply.status,
        "headers": {"Content-Type": reply.content_type, **reply.headers},
        "body": base64.b64encode(reply.body).decode(),
        "isBase64Encoded": True,
    }
