"""API Gateway's REST proxy events, to requests and back.

Format: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway" (format 1.0).
"""

import contextlib
from typing import TypedDict

import pybase64

from serving.http import Application, Request, Response
from serving.repository import Models
from serving.service import Service
from serving.settings import ServingSettings

MIB = 1024 * 1024
# What Python, scikit-learn and a request need beside the models.
RESERVED_MB = 512
# Of that, what isn't this process: Lambda's own, and the kernel's.
FOREIGN_MB = 128
# Lambda carries 6 MB; JSON inside of the reply's JSON grows by its escapes, quotes above all.
MAX_ANSWER_BYTES = 5 * MIB
# In base64, four letters for three bytes.
MAX_BINARY_BYTES = 4 * MIB


class ProxyEvent(TypedDict):
    """The fields of the event that are read here."""

    httpMethod: str
    path: str
    headers: dict[str, str] | None
    body: str | None
    isBase64Encoded: bool


class ProxyReply(TypedDict):
    """What the integration expects back."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


class Handler:
    """A Lambda handler around an application."""

    def __init__(self, application: Application) -> None:
        self._application = application

    @classmethod
    def from_settings(cls, settings: ServingSettings) -> "Handler":
        """Build the whole from the function's environment."""
        service = Service(
            Models(settings.model_dir),
            budget_bytes=cache_budget(settings.memory_mb),
            limit_bytes=(settings.memory_mb - FOREIGN_MB) * MIB,
            refresh_seconds=settings.refresh_seconds,
        )
        service.preload(settings.preload)
        application = Application(
            service,
            allowed_origins=settings.allowed_origins,
            max_answer_bytes=MAX_ANSWER_BYTES,
            max_binary_bytes=MAX_BINARY_BYTES,
        )
        return cls(application)

    def __call__(self, event: ProxyEvent, context: object) -> ProxyReply:  # noqa: ARG002 (Lambda's signature)
        """Answer one event."""
        return to_reply(self._application.respond(to_request(event)))


def cache_budget(memory_mb: int) -> int:
    """Return the bytes that models may take of a function's memory: what the rest leaves over."""
    return max(memory_mb - RESERVED_MB, memory_mb // 4) * MIB


def to_request(event: ProxyEvent) -> Request:
    """Read an event; a body that claims to be base64 and isn't is passed on as it came."""
    return Request(event["httpMethod"], event["path"], event.get("headers") or {}, _body(event))


def _body(event: ProxyEvent) -> bytes:
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        with contextlib.suppress(ValueError):
            return pybase64.b64decode(text, validate=True)
    return text.encode("utf-8", "surrogatepass")


def to_reply(response: Response) -> ProxyReply:
    """Write the reply, in base64 unless it is text."""
    is_text = response.is_text
    body = response.body.decode() if is_text else pybase64.b64encode_as_string(response.body)
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": body,
        "isBase64Encoded": not is_text,
    }
