"""The routes that SageMaker asks of a container with one model.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from collections.abc import Mapping

from serving.api.answering import Answering
from serving.api.contract import Error, ErrorResponse
from serving.api.protocols.media_inference import MediaInference
from serving.api.routing import JSON, Request, Response, Route
from serving.service.query import Ask
from serving.service.service import Service


class Routes:
    """`/ping` and `/invocations` for one model."""

    def __init__(self, service: Service, ask: Ask, model: str) -> None:
        self._service = service
        self._media = MediaInference(service, Answering(service, ask))
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
        return self._media.respond(request, self._model, None)
