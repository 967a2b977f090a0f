"""The routes that SageMaker asks of a container with one model.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from collections.abc import Mapping

from modelmount_compiler.instances import outputs
from serving.api.contract import Error, ErrorResponse, InferenceResponse
from serving.api.protocols.media import NPY, READERS, WRITERS, media_type
from serving.api.routing import JSON, Request, Response, Route
from serving.api.server_timing import timed
from serving.errors import BadRequest, NotAcceptable, UnsupportedMediaType
from serving.service.query import Ask, Query
from serving.service.service import Service

ANYTHING = ("", "*/*", "application/*")


class Routes:
    """`/ping` and `/invocations` for one model."""

    def __init__(self, service: Service, ask: Ask, model: str) -> None:
        self._service = service
        self._ask = ask
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
        accepted = _accepted(request)
        kind = media_type(request.header("content-type") or JSON)
        read = READERS.get(kind)
        if read is None:
            text = f"{kind!r:.100} can't be read; send {', '.join(READERS)}."
            raise UnsupportedMediaType(text, field="Content-Type")
        batch, parameters = read(request.body)
        if not len(batch):
            raise BadRequest("The body has no instances; send at least one.")
        answer = self._ask(Query(self._model, None, batch, parameters.method))
        manifest = answer.manifest
        rows = outputs.rows(answer.result)
        told = InferenceResponse(manifest.model, manifest.version, rows)
        response = timed([answer], WRITERS[accepted](told, answer.result))
        response.headers["content-type"] = accepted
        response.is_text = accepted != NPY
        return response


def _accepted(request: Request) -> str:
    """Return the first type of Accept that can be written; JSON where all are accepted."""
    kinds = [media_type(part) for part in (request.header("accept") or "").split(",")]
    for kind in kinds:
        if kind in ANYTHING:
            return JSON
        if kind in WRITERS:
            return kind
    known = ", ".join(WRITERS)
    raise NotAcceptable(f"None of {', '.join(kinds)!r:.200} can be written; accept {known}.")
