"""API Gateway's REST proxy events, to requests and back.

Format: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway" (format 1.0).
"""

import contextlib
from typing import TYPE_CHECKING, NotRequired, TypedDict

import pybase64

from serving.api.application import Application, Request, Response
from serving.repository.model_reader import ModelReader
from serving.service.model_source import ModelSource
from serving.service.service import Service
from serving.settings.serving import ServingSettings

if TYPE_CHECKING:
    from serving.api.capture import Capture

MIB = 1024 * 1024
# What Python, scikit-learn and a request need beside the models.
RESERVED_MB = 512
# Of that, what isn't this process: Lambda's own, and the kernel's.
FOREIGN_MB = 128
# Lambda carries 6 MB; JSON inside of the reply's JSON grows by its escapes, quotes above all.
MAX_ANSWER_BYTES = 5 * MIB
# In base64, four letters for three bytes.
MAX_BINARY_BYTES = 4 * MIB


class RequestContext(TypedDict, total=False):
    """What API Gateway says of a request."""

    requestId: str


class ProxyEvent(TypedDict):
    """The fields of the event that are read here."""

    httpMethod: str
    path: str
    headers: dict[str, str] | None
    body: str | None
    isBase64Encoded: bool
    requestContext: NotRequired[RequestContext]


class ProxyReply(TypedDict):
    """What the integration expects back."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


class Handler:
    """A Lambda handler around an application, of whose requests some may be captured."""

    def __init__(self, application: Application, capture: "Capture | None" = None) -> None:
        self._application = application
        self._capture = capture

    @classmethod
    def from_settings(
        cls, settings: ServingSettings, models: ModelSource | None = None
    ) -> "Handler":
        """Build the whole from the function's environment, for all models or for those given."""
        service = _kind_of_service(settings)(
            models or ModelReader(settings.model_dir),
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
        return cls(application, _capture(application, settings))

    def __call__(self, event: ProxyEvent, context: object) -> ProxyReply:
        """Answer one event."""
        request = to_request(event)
        if self._capture is None:
            return to_reply(self._application.respond(request))
        return to_reply(self._capture.respond(request, _request_id(event, context)))


def _request_id(event: ProxyEvent, context: object) -> str:
    """Return the id that the client and the API's access log see; Lambda's own where none is."""
    asked = event.get("requestContext") or {}
    return str(asked.get("requestId") or getattr(context, "aws_request_id", ""))


def _kind_of_service(settings: ServingSettings) -> type[Service]:
    if not settings.capture_percent:
        return Service
    from serving.api.capture import ObservedService  # noqa: PLC0415 (a cold start does without)

    return ObservedService


def _capture(application: Application, settings: ServingSettings) -> "Capture | None":
    if not settings.capture_percent:
        return None
    from serving.api.capture import Capture  # noqa: PLC0415 (likewise)
    from serving.api.redaction import Redaction  # noqa: PLC0415

    return Capture(
        application,
        percent=settings.capture_percent,
        redaction=Redaction(settings.capture_redact),
        max_bytes=settings.capture_max_bytes,
    )


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
