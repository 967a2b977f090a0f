"""The routes of Modelmount's own API, beside those of other servers' protocols."""

from collections.abc import Mapping

from modelmount_compiler.instances import outputs
from serving.api import contract, openapi, query_parameters
from serving.api.answering import Answering
from serving.api.contract import InferenceRequest, InferenceResponse, Parameters
from serving.api.routing import JSON, Request, Response, Route, check_json_accepted
from serving.api.server_timing import timed
from serving.errors import BadRequest
from serving.service.query import Ask, Query
from serving.service.service import Service

# Most requests; curl -d says the second of its own accord.
SPOKEN_AS_JSON = frozenset((JSON, "application/x-www-form-urlencoded"))


def is_json(request: Request) -> bool:
    """Whether a body is surely JSON; others may be called by another name of it."""
    kind = request.header("content-type")
    if kind is None or kind == JSON:
        return True
    return kind.partition(";")[0].strip().lower() in SPOKEN_AS_JSON


class NativeRoutes:
    """`/inference`, `/models` and the OpenAPI documents."""

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._ask = ask
        self._answering = Answering(service, ask)
        self.routes = (
            Route("/inference", POST=self._infer),
            Route("/models", GET=self._list_models),
            Route("/models/{model}", GET=self._describe),
            Route("/models/{model}/openapi.json", GET=self._document_model),
            Route("/openapi.json", GET=self._document),
        )

    def error_body(self, error: contract.Error) -> contract.ErrorResponse:
        """Return code, text, field and id."""
        return contract.ErrorResponse(error)

    def _infer(self, request: Request, _: Mapping[str, str]) -> Response:
        if not is_json(request) and (response := self._other_medium(request)):
            return response
        check_json_accepted(request)
        asked = contract.decode_request(request.body)
        if not request.query and asked.is_plain():
            return self._infer_plain(asked)
        parameters = _parameters(asked, request) if request.query else asked.asked()
        told = self._answering.answer(asked.model, asked.version, asked.form(), parameters)
        return timed(told.answers, contract.encode(told.response()))

    def _infer_plain(self, asked: InferenceRequest) -> Response:
        """Answer instances as `Answering` does, without what only other forms need."""
        method = contract.DEFAULTS.method if asked.parameters is None else asked.parameters.method
        answer = self._ask(Query(asked.model, asked.version, asked.instances or [], method))
        manifest, rows = answer.manifest, outputs.rows(answer.result)
        told = InferenceResponse(manifest.model, manifest.version, rows)
        return timed([answer], contract.encode(told))

    def _other_medium(self, request: Request) -> Response | None:
        """Answer a body of another medium than JSON, whose model stands in the URL."""
        from serving.api.protocols import media  # noqa: PLC0415 (JSON does without)
        from serving.api.protocols.media_inference import MediaInference  # noqa: PLC0415

        kind = request.header("content-type") or ""
        if media.canonical(media.media_type(kind)) not in (media.CSV, media.LINES, media.NPY):
            return None
        model, version = request.query.get("model"), request.query.get("version")
        if model is None:
            text = f"A body of {kind!r:.100} names no model: POST /inference?model=NAME."
            raise BadRequest(text, field="?model")
        return MediaInference(self._service, self._answering).respond(request, model, version)

    def _list_models(self, _: Request, __: Mapping[str, str]) -> object:
        return self._service.list_models()

    def _describe(self, _: Request, parameters: Mapping[str, str]) -> object:
        return self._service.describe(parameters["model"])

    def _document(self, _: Request, __: Mapping[str, str]) -> Response:
        return Response(200, openapi.document(), {"content-type": JSON})

    def _document_model(self, _: Request, parameters: Mapping[str, str]) -> object:
        return openapi.for_model(self._service.manifest(parameters["model"]))


def _parameters(asked: InferenceRequest, request: Request) -> Parameters:
    """Return the parameters of body and URL; raises `BadRequest` where they contradict."""
    for name, own in (("model", asked.model), ("version", asked.version)):
        told = request.query.get(name, own)
        if told != own:
            text = f"The body says {name}={own!r:.80}, and the URL {name}={told!r:.80}."
            raise BadRequest(f"{text} Send one of them.", field=f"?{name}")
    return query_parameters.merged(asked.asked(), request, others=query_parameters.TARGET)
