"""The route by which MLflow's deployments client asks a model.

https://mlflow.org/docs/latest/api_reference/python_api/mlflow.deployments.html
"""

from collections.abc import Mapping

import msgspec

from serving.api import contract, query_parameters, raw_bodies
from serving.api.answering import Answering
from serving.api.contract import Error, ErrorResponse, ModelInstances
from serving.api.protocols import script_bodies
from serving.api.routing import Request, Response, Route, check_json_accepted
from serving.api.server_timing import timed
from serving.errors import ModelNotFound
from serving.service.query import Ask
from serving.service.service import Service

_decoder = msgspec.json.Decoder(ModelInstances)


class Routes:
    """`/endpoints/{model}/invocations`."""

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._ask = ask
        self._answering = Answering(service, ask)
        self.routes = (Route("/endpoints/{model}/invocations", POST=self._invoke),)

    def error_body(self, error: Error) -> ErrorResponse:
        """Return code, text, field and id."""
        return ErrorResponse(error)

    def _invoke(self, request: Request, path: Mapping[str, str]) -> Response:
        if self._takes_any_body(path["model"]):
            return script_bodies.respond(self._ask, request, path["model"])
        check_json_accepted(request)
        asked = contract.decode(_decoder, request.body, ' Send {"inputs": [...]}.')
        parameters = query_parameters.merged(asked.asked(), request)
        told = self._answering.answer(path["model"], None, asked.form(), parameters)
        return timed(told.answers, contract.encode(told.response()))

    def _takes_any_body(self, model: str) -> bool:
        try:
            return raw_bodies.is_raw(self._service.manifest(model))
        except ModelNotFound:
            return False  # which the asking tells, where nothing else is wrong
