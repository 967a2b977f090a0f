"""API Gateway's REST proxy events, to requests and back.

Format: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway" (format 1.0).
"""

import contextlib
from typing import TYPE_CHECKING, NotRequired, TypedDict

import pybase64

from inference.settings import InferenceSettings
from serving.api.application import Application, Request, Response
from serving.repository.model_reader import ModelReader
from serving.service.model_source import ModelSource
from serving.service.query import Ask
from serving.service.service import Service
from workers.bounds import Bounds

if TYPE_CHECKING:
    from serving.api.capture import Capture

MIB = 1024 * 1024
# Memory that Python, scikit-learn and a request need beside the models.
RESERVED_MB = 512
# The part of it that other processes take: Lambda's own, and the kernel.
FOREIGN_MB = 128
# Lambda carries 6 MB; JSON inside of the reply's JSON grows by its escapes, quotes above all.
MAX_ANSWER_BYTES = 5 * MIB
# In base64, four letters for three bytes.
MAX_BINARY_BYTES = 4 * MIB
# The largest body that API Gateway takes, and so the largest that it unpacks.
MAX_REQUEST_BYTES = 10 * MIB


class RequestContext(TypedDict, total=False):
    """The fields of the event's `requestContext` that are read here."""

    requestId: str


class ProxyEvent(TypedDict):
    """The fields of the event that are read here."""

    httpMethod: str
    path: str
    headers: dict[str, str] | None
    queryStringParameters: NotRequired[dict[str, str] | None]
    body: str | None
    isBase64Encoded: bool
    requestContext: NotRequired[RequestContext]


class ProxyReply(TypedDict):
    """The reply that the integration expects."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


class Handler:
    """A Lambda handler around an application; some of its requests may be captured."""

    def __init__(self, application: Application, capture: "Capture | None" = None) -> None:
        self._application = application
        self._capture = capture

    @classmethod
    def from_settings(
        cls, settings: InferenceSettings, models: ModelSource | None = None
    ) -> "Handler":
        """Build the handler from the function's settings, for all models or for those given."""
        budget = cache_budget(settings.memory_mb)
        limit = (settings.memory_mb - FOREIGN_MB) * MIB
        service = Service(
            models or ModelReader(settings.model_dir),
            budget_bytes=budget,
            limit_bytes=limit,
            refresh_seconds=settings.refresh_seconds,
            bounds=Bounds(settings.predict_seconds, budget, limit, MAX_ANSWER_BYTES),
            falls_back=settings.fall_back,
        )
        service.preload(settings.preload)
        application = Application(
            service,
            ask=_ask(service, settings),
            allowed_origins=settings.allowed_origins,
            max_answer_bytes=MAX_ANSWER_BYTES,
            max_binary_bytes=MAX_BINARY_BYTES,
            max_request_bytes=MAX_REQUEST_BYTES,
            unpacks_before=True,
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


def _ask(service: Service, settings: InferenceSettings) -> Ask:
    if not settings.capture_percent:
        return service.ask
    from serving.api.exchanges import recorded  # noqa: PLC0415 (a cold start does without)

    return recorded(service.ask)


def _capture(application: Application, settings: InferenceSettings) -> "Capture | None":
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
    """Return the bytes of a function's memory that models may take."""
    return max(memory_mb - RESERVED_MB, memory_mb // 4) * MIB


def to_request(event: ProxyEvent) -> Request:
    """Read an event; a body that claims to be base64 and isn't is passed on as it came."""
    headers, query = event.get("headers") or {}, event.get("queryStringParameters") or {}
    return Request(event["httpMethod"], event["path"], headers, _body(event), query)


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
