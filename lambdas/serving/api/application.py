"""The application: its own routes, the protocols beside them, and the one table of statuses."""

import importlib
import logging
from collections.abc import Mapping

from modelmount_compiler.instances import outputs
from serving import errors
from serving.api import contract, openapi
from serving.api.replies import timed
from serving.api.routing import JSON, Front, Request, Response, Route, dispatch
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
    errors.UnsupportedMediaType: 415,
    errors.SignatureMismatch: 422,
    errors.ModelUnavailable: 503,
    errors.OverBudget: 503,
}
RETRY_AFTER_SECONDS = "5"
# What pages of other origins may read of an answer's headers.
EXPOSED = "Inference-Header-Content-Length, Server-Timing"
ANY_ORIGIN = {"access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED}
# By the first segment of the path: modules of `serving.api.protocols`, imported when first asked.
PROTOCOLS = {"v1": "v1", "v2": "v2"}


class Application:
    """Routes requests to a service.

    Args:
        allowed_origins: origins whose pages may read answers (CORS); `*` allows all.
        max_answer_bytes: what the platform in front can carry of text.
        max_binary_bytes: likewise of anything else; as much as of text where not given.
    """

    def __init__(
        self,
        service: Service,
        *,
        allowed_origins: tuple[str, ...],
        max_answer_bytes: int,
        max_binary_bytes: int | None = None,
    ) -> None:
        self._service = service
        self._allowed_origins = allowed_origins
        self._max_answer_bytes = max_answer_bytes
        self._max_binary_bytes = max_binary_bytes or max_answer_bytes
        self._own = OwnRoutes(service)
        self._fronts: dict[str, Front] = {}

    def respond(self, request: Request) -> Response:
        """Answer a request; whatever goes wrong becomes an answer too."""
        front: Front = self._own
        try:
            front = self._front(request.path)
            response = _written(dispatch(front.routes, request))
            self._check_size(response)
        except errors.ModelmountError as error:
            response = _refusal(error, front)
        except Exception:
            response = _bug(front)
        response.headers.update(self._cors(request))
        return response

    def mount(self, segment: str, front: Front) -> None:
        """Serve paths that begin with `/segment` by another front."""
        self._fronts[segment] = front

    def _front(self, path: str) -> Front:
        segment = path.split("/", 2)[1] if path.startswith("/") else ""
        front = self._fronts.get(segment)
        if front is None and segment in PROTOCOLS:
            module = importlib.import_module(f"serving.api.protocols.{PROTOCOLS[segment]}")
            front = self._fronts[segment] = module.Routes(self._service)
        return front or self._own

    def _check_size(self, response: Response) -> None:
        limit = self._max_answer_bytes if response.is_text else self._max_binary_bytes
        if len(response.body) > limit:
            raise errors.AnswerTooLarge(
                f"The answer has {len(response.body)} bytes and {limit} can be carried; "
                "send fewer instances."
            )

    def _cors(self, request: Request) -> dict[str, str]:
        if "*" in self._allowed_origins:
            return ANY_ORIGIN
        origin = request.header("origin")
        if origin is None or origin not in self._allowed_origins:
            return {"vary": "origin"}
        return {**ANY_ORIGIN, "vary": "origin", "access-control-allow-origin": origin}


class OwnRoutes:
    """Our own API."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.routes = (
            Route("/inference", POST=self._infer),
            Route("/models", GET=self._list_models),
            Route("/models/{model}", GET=self._describe),
            Route("/models/{model}/openapi.json", GET=self._document_model),
            Route("/openapi.json", GET=self._document),
        )

    def refusal(self, error: contract.Error) -> contract.ErrorResponse:
        """Tell code, text, field and id."""
        return contract.ErrorResponse(error)

    def _infer(self, request: Request, _: Mapping[str, str]) -> Response:
        answer = self._service.ask(contract.decode_request(request.body))
        manifest, predictions = answer.manifest, outputs.rows(answer.result)
        told = contract.InferenceResponse(manifest.model, manifest.version, predictions)
        return timed([answer], contract.encode(told))

    def _list_models(self, _: Request, __: Mapping[str, str]) -> object:
        return self._service.list_models()

    def _describe(self, _: Request, parameters: Mapping[str, str]) -> object:
        return self._service.describe(parameters["model"])

    def _document(self, _: Request, __: Mapping[str, str]) -> Response:
        return Response(200, openapi.document(), {"content-type": JSON})

    def _document_model(self, _: Request, parameters: Mapping[str, str]) -> object:
        return openapi.for_model(self._service.manifest(parameters["model"]))


def _written(answer: object) -> Response:
    if isinstance(answer, Response):
        return answer
    return Response(200, contract.encode(answer), {"content-type": JSON})


def _refusal(error: errors.ModelmountError, front: Front) -> Response:
    status = STATUSES.get(type(error))
    if status is None:
        return _bug(front)
    headers = {"content-type": JSON}
    if isinstance(error, errors.MethodNotAllowed):
        headers["allow"] = ", ".join(error.allowed)
    if status == 503:
        headers["retry-after"] = RETRY_AFTER_SECONDS
    where = error.field if isinstance(error, errors.RequestError) else None
    told = contract.Error(error.code, str(error), where)
    return Response(status, contract.encode(front.refusal(told)), headers)


def _bug(front: Front) -> Response:
    """Answer the error being handled, which nobody expected: an id here, the details in the log."""
    import uuid  # noqa: PLC0415 (a cold start does without)

    identity = uuid.uuid4().hex
    logger.exception("unexpected error %s", identity)
    text = "This is a fault of the service or of the model's own code. The log has it under the id."
    told = contract.Error("INTERNAL_ERROR", text, id=identity)
    return Response(500, contract.encode(front.refusal(told)), {"content-type": JSON})
