"""The routes of Modelmount's own API, beside those of other servers' protocols."""

from collections.abc import Mapping

from serving.api import contract, openapi
from serving.api.answering import Answering
from serving.api.routing import JSON, Request, Response, Route, check_json_accepted
from serving.api.server_timing import timed
from serving.service.query import Ask
from serving.service.service import Service


class NativeRoutes:
    """`/inference`, `/models` and the OpenAPI documents."""

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
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
        check_json_accepted(request)
        asked = contract.decode_request(request.body)
        told = self._answering.answer(asked.model, asked.version, asked.form(), asked.asked())
        return timed(told.answers, contract.encode(told.response()))

    def _list_models(self, _: Request, __: Mapping[str, str]) -> object:
        return self._service.list_models()

    def _describe(self, _: Request, parameters: Mapping[str, str]) -> object:
        return self._service.describe(parameters["model"])

    def _document(self, _: Request, __: Mapping[str, str]) -> Response:
        return Response(200, openapi.document(), {"content-type": JSON})

    def _document_model(self, _: Request, parameters: Mapping[str, str]) -> object:
        return openapi.for_model(self._service.manifest(parameters["model"]))
