"""The routes that SageMaker asks of a container with one model.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from collections.abc import Mapping

from serving.api.answering import Answering
from serving.api.contract import Error, ErrorResponse, Parameters
from serving.api.forms import Form
from serving.api.protocols.media import NPY, READERS, WRITERS, media_type, read_json
from serving.api.routing import JSON, Request, Response, Route, accepted
from serving.api.server_timing import timed
from serving.errors import BadRequest, NotAcceptable, UnsupportedMediaType
from serving.service.query import Ask
from serving.service.service import Service


class Routes:
    """`/ping` and `/invocations` for one model."""

    def __init__(self, service: Service, ask: Ask, model: str) -> None:
        self._service = service
        self._answering = Answering(service, ask)
        self._model = model
        self.routes = (
            Route("/ping", GET=self._ping),
            Route("/invocations", POST=self._invoke),
        )

    def error_body(self, error: Error) -> ErrorResponse:
        """Return code, text, field and id."""
        return ErrorResponse(error)

    def _ping(self, _: Request, __: Mapping[str, str]) -> Response:
        """Answer once the model is in memory; until then raise the error that loading it raises."""
        self._service.load(self._model)
        return Response(200, b"", {"content-type": JSON})

    def _invoke(self, request: Request, _: Mapping[str, str]) -> Response:
        kind = accepted(request, tuple(WRITERS))
        form, asked = _read(request)
        told = self._answering.answer(self._model, None, form, asked)
        if told.has_more and kind != JSON:
            text = f"{kind} has no place for classes and probabilities; accept {JSON}."
            raise NotAcceptable(text, field="Accept")
        response = timed(told.answers, WRITERS[kind](told.response(), told.result))
        response.headers["content-type"] = kind
        response.is_text = kind != NPY
        return response


def _read(request: Request) -> tuple[Form, Parameters]:
    kind = media_type(request.header("content-type") or JSON)
    read = READERS.get(kind)
    if read is None:
        text = f"{kind!r:.100} can't be read; send {', '.join(READERS)}."
        raise UnsupportedMediaType(text, field="Content-Type")
    if kind == JSON:
        return read_json(request.body)
    batch, parameters = read(request.body)
    if not len(batch):
        raise BadRequest("The body has no instances; send at least one.")
    return Form(batch), parameters
