"""The routes, and the one table from errors to statuses. Knows HTTP, but no server and no event."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from serving import contract, errors
from serving.service import Service

logger = logging.getLogger(__name__)

STATUSES: dict[type[errors.ModelmountError], int] = {
    errors.BadRequest: 400,
    errors.RouteNotFound: 404,
    errors.ModelNotFound: 404,
    errors.VersionNotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.AnswerTooLarge: 413,
    errors.SignatureMismatch: 422,
    errors.ModelUnavailable: 503,
}
RETRY_AFTER_SECONDS = "5"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as every front hands it in; `path` is as sent, still percent-encoded."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: status, headers by lower-case name, and a body of JSON."""

    status: int
    body: bytes
    headers: dict[str, str]


Handler = Callable[[Request, Mapping[str, str]], object]


class Application:
    """Routes requests to a service.

    Args:
        allowed_origins: origins whose pages may read answers (CORS); `*` allows all.
        max_answer_bytes: what the platform in front can carry.
    """

    def __init__(
        self, service: Service, *, allowed_origins: tuple[str, ...], max_answer_bytes: int
    ) -> None:
        self._service = service
        self._allowed_origins = allowed_origins
        self._max_answer_bytes = max_answer_bytes
        self._routes: list[tuple[re.Pattern[str], dict[str, Handler]]] = [
            (re.compile("/inference"), {"POST": self._infer}),
            (re.compile("/models"), {"GET": self._list_models}),
            (re.compile("/models/(?P<model>[^/]+)"), {"GET": self._describe}),
        ]

    def respond(self, request: Request) -> Response:
        """Answer a request; whatever goes wrong becomes an answer too."""
        headers = {"content-type": "application/json", **self._cors(request)}
        try:
            body = contract.encode(self._dispatch(request))
            if len(body) > self._max_answer_bytes:
                raise errors.AnswerTooLarge(
                    f"The answer has {len(body)} bytes and {self._max_answer_bytes} can be "
                    "carried; send fewer instances."
                )
        except errors.ModelmountError as error:
            return _refusal(error, headers)
        except Exception:
            return _bug(headers)
        return Response(200, body, headers)

    def _dispatch(self, request: Request) -> object:
        for pattern, methods in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if request.method not in methods:
                allowed = tuple(methods)
                text = f"{request.path} takes {', '.join(allowed)}, not {request.method}."
                raise errors.MethodNotAllowed(text, allowed=allowed)
            parameters = {name: unquote(value) for name, value in match.groupdict().items()}
            return methods[request.method](request, parameters)
        raise errors.RouteNotFound(
            f"There is no route {request.path}. POST /inference, GET /models and "
            "GET /models/{model} exist."
        )

    def _infer(self, request: Request, _: Mapping[str, str]) -> object:
        return self._service.infer(contract.decode_request(request.body))

    def _list_models(self, _: Request, __: Mapping[str, str]) -> object:
        return self._service.list_models()

    def _describe(self, _: Request, parameters: Mapping[str, str]) -> object:
        return self._service.describe(parameters["model"])

    def _cors(self, request: Request) -> dict[str, str]:
        if "*" in self._allowed_origins:
            return {"access-control-allow-origin": "*"}
        origin = next((v for k, v in request.headers.items() if k.lower() == "origin"), None)
        allowed = {"access-control-allow-origin": origin} if origin in self._allowed_origins else {}
        return {"vary": "origin", **{k: v for k, v in allowed.items() if v}}


def _refusal(error: errors.ModelmountError, headers: dict[str, str]) -> Response:
    status = STATUSES.get(type(error))
    if status is None:
        return _bug(headers)
    if isinstance(error, errors.MethodNotAllowed):
        headers["allow"] = ", ".join(error.allowed)
    if status == 503:
        headers["retry-after"] = RETRY_AFTER_SECONDS
    where = error.field if isinstance(error, errors.RequestError) else None
    told = contract.Error(error.code, str(error), where)
    return Response(status, contract.encode(contract.ErrorResponse(told)), headers)


def _bug(headers: dict[str, str]) -> Response:
    """Answer the error being handled, which nobody expected: an id here, the details in the log."""
    import uuid  # noqa: PLC0415 (a cold start does without)

    identity = uuid.uuid4().hex
    logger.exception("unexpected error %s", identity)
    text = "This is a fault of the service or of the model's own code. The log has it under the id."
    told = contract.Error("INTERNAL_ERROR", text, id=identity)
    return Response(500, contract.encode(contract.ErrorResponse(told)), headers)
