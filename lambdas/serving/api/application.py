"""The application: it routes requests, and turns every error into an answer."""

import importlib
import logging

from serving import errors
from serving.api import contract, routing
from serving.api.headers.cors import CrossOrigin
from serving.api.native_routes import NativeRoutes
from serving.api.routing import JSON, Request, Response, RouteGroup
from serving.service.query import Ask
from serving.service.service import Service

__all__ = ["STATUSES", "Application", "Request", "Response"]

logger = logging.getLogger(__name__)

STATUSES: dict[type[errors.ModelmountError], int] = {
    errors.BadRequest: 400,
    errors.RouteNotFound: 404,
    errors.ModelNotFound: 404,
    errors.VersionNotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.NotAcceptable: 406,
    errors.AnswerTooLarge: 413,
    errors.RequestTooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.UnsupportedCoding: 415,
    errors.SignatureMismatch: 422,
    errors.ModelUnavailable: 503,
    errors.OverBudget: 503,
    errors.ModelCrashed: 503,
    errors.ModelTimedOut: 503,
    errors.ModelOutOfMemory: 503,
    errors.ModelPutAside: 503,
}
# First segment of the path to a module of `serving.api.protocols`, imported when first asked.
PROTOCOLS = {"v1": "v1", "v2": "v2", "endpoints": "mlflow"}
CODINGS = "gzip, deflate"
GZIP = b"\x1f\x8b\x08"
FORBIDS = "=0"  # in Accept-Encoding, as in identity;q=0
# A smaller answer fits into a packet or two: packing it gains nothing.
SMALL_BYTES = 2048
MAX_REQUEST_BYTES = 25 * 1024 * 1024


class Application:
    """Routes requests to a service.

    Args:
        ask: answers queries; `service.ask` where not given.
        allowed_origins: origins whose pages may read answers (CORS); `*` allows all.
        max_answer_bytes: the largest text that the platform in front can carry.
        max_binary_bytes: the largest other body; `max_answer_bytes` where not given.
        max_request_bytes: the largest body of a request, once it is unpacked.
        unpacks_before: whether the server in front may have unpacked a body, and left its
            Content-Encoding.
    """

    def __init__(
        self,
        service: Service,
        *,
        ask: Ask | None = None,
        allowed_origins: tuple[str, ...],
        max_answer_bytes: int,
        max_binary_bytes: int | None = None,
        max_request_bytes: int = MAX_REQUEST_BYTES,
        unpacks_before: bool = False,
    ) -> None:
        self._service = service
        self._ask = ask or service.ask
        self._cross_origin = CrossOrigin(allowed_origins)
        self._max_answer_bytes = max_answer_bytes
        self._max_binary_bytes = max_binary_bytes or max_answer_bytes
        self._max_request_bytes = max_request_bytes
        self._unpacks_before = unpacks_before
        self._own = NativeRoutes(service, self._ask)
        self._groups: dict[str, RouteGroup] = {}

    def respond(self, request: Request) -> Response:
        """Answer a request; whatever goes wrong becomes an answer too.

        The answer to HEAD is that to GET. The server in front sends it without its body.
        """
        request.path = routing.normal(request.path)
        group: RouteGroup = self._own
        try:
            group = self._group(request.path)
            response = self._answer(request, group)
            self._pack(response, request)
            self._check_size(response)
        except errors.ModelmountError as error:
            response = _error_response(error, group)
        except Exception:
            response = _bug_response(group)
        self.allow_origin(response, request)
        return response

    def allow_origin(self, response: Response, request: Request) -> None:
        """Add the headers that let pages of the allowed origins read an answer."""
        varies = response.headers.get("vary")
        response.headers.update(self._cross_origin.headers(request))
        if varies and response.headers["vary"] != varies:
            response.headers["vary"] += f", {varies}"

    def mount(self, segment: str, group: RouteGroup) -> None:
        """Serve paths that begin with `/segment` by another group of routes."""
        self._groups[segment] = group

    def _group(self, path: str) -> RouteGroup:
        segment = path.split("/", 2)[1] if path.startswith("/") else ""
        group = self._groups.get(segment)
        if group is None and segment in PROTOCOLS:
            module = importlib.import_module(f"serving.api.protocols.{PROTOCOLS[segment]}")
            group = self._groups[segment] = module.Routes(self._service, self._ask)
        return group or self._own

    def _answer(self, request: Request, group: RouteGroup) -> Response:
        if request.method == "OPTIONS":
            return self._options(request, group)
        coding = request.header("content-encoding")
        if coding is not None:
            self._unpack(request, coding)
        return _response(routing.dispatch(group.routes, request))

    def _unpack(self, request: Request, coding: str) -> None:
        from serving.api.headers import content_codings  # noqa: PLC0415 (a cold start does without)

        try:
            request.body = content_codings.unpack(request.body, coding, self._max_request_bytes)
        except errors.BadRequest:
            if not self._unpacks_before or request.body.startswith(GZIP):
                raise

    def _options(self, request: Request, group: RouteGroup) -> Response:
        """Answer a preflight on any path, so that a page can read the error of the call itself."""
        preflight = self._cross_origin.preflight(request)
        if preflight is not None:
            return Response(204, b"", {**preflight})
        allowed = ", ".join(routing.methods(group.routes, request.path))
        return Response(204, b"", {"allow": allowed})

    def _pack(self, response: Response, request: Request) -> None:
        if not response.body or "content-encoding" in response.headers:
            return
        is_small = len(response.body) < SMALL_BYTES
        accepted = request.header("accept-encoding") or ""
        if is_small and FORBIDS not in accepted:
            return
        if accepted:
            from serving.api.headers import content_codings  # noqa: PLC0415 (likewise)

            content_codings.pack(response, accepted, is_small=is_small)
        if not is_small or "content-encoding" in response.headers:
            response.headers["vary"] = "accept-encoding"

    def _check_size(self, response: Response) -> None:
        limit = self._max_answer_bytes if response.is_text else self._max_binary_bytes
        if len(response.body) > limit:
            raise errors.AnswerTooLarge(
                f"The answer has {len(response.body)} bytes and {limit} can be carried; "
                "send fewer instances."
            )


def _response(answer: object) -> Response:
    if isinstance(answer, Response):
        return answer
    return Response(200, contract.encode(answer), {"content-type": JSON})


def _error_response(error: errors.ModelmountError, group: RouteGroup) -> Response:
    status = STATUSES.get(type(error))
    if status is None:
        return _bug_response(group)
    headers = {"content-type": JSON}
    if isinstance(error, errors.MethodNotAllowed):
        headers["allow"] = ", ".join(error.allowed)
    if isinstance(error, errors.ModelUnavailable):
        headers["retry-after"] = str(error.retry_seconds)
    if isinstance(error, errors.UnsupportedCoding):
        headers["accept-encoding"] = CODINGS
    where = error.field if isinstance(error, errors.RequestError) else None
    told = contract.Error(error.code, str(error), where)
    return Response(status, contract.encode(group.error_body(told)), headers)


def _bug_response(group: RouteGroup) -> Response:
    """Answer an unexpected error with an id; the log has the details under the same id."""
    import uuid  # noqa: PLC0415 (a cold start does without)

    identity = uuid.uuid4().hex
    logger.exception("unexpected error %s", identity)
    text = "This is a fault of the service or of the model's own code. The log has it under the id."
    told = contract.Error("INTERNAL_ERROR", text, id=identity)
    return Response(500, contract.encode(group.error_body(told)), {"content-type": JSON})
