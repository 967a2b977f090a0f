"""The V1 protocol of KServe and of TensorFlow Serving: instances in, predictions out.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
https://www.tensorflow.org/tfx/serving/api_rest
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from serving.api import contract, query_parameters
from serving.api.answering import Answering
from serving.api.contract import Error, Instances
from serving.api.routing import Request, Response, Route, check_json_accepted
from serving.api.server_timing import timed
from serving.service.query import Ask
from serving.service.service import Service

Path = Mapping[str, str]
MODEL = "/v1/models/{model}"
VERSION = f"{MODEL}/versions/{{version}}"


class PredictRequest(Instances, kw_only=True):
    """Body of `:predict`: instances in one of several forms.

    Attributes:
        instances: one item for each prediction.
        columns: names of the columns of `data`, in any order.
        index: names of the rows of `data`, which pandas sends; passed over.
        data: a list of values for each prediction.
        inputs: a list of values for each column, by its name; or the same as `instances`.
        dataframe_split: a data frame as MLflow sends it.
        dataframe_records: an object of values by column name for each prediction.
        params: MLflow's name for `parameters`.
        signature_name: TensorFlow's name for the method; passed over, `parameters` has it.
    """

    signature_name: str | None = None


_decoder = msgspec.json.Decoder(PredictRequest)


class Routes:
    """The routes under /v1."""

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._answering = Answering(service, ask)
        self.routes = (
            Route("/v1/models", GET=self._list),
            *(Route(f"{path}:predict", POST=self._predict) for path in (VERSION, MODEL)),
            *(Route(path, GET=self._status) for path in (MODEL, VERSION)),
        )

    def error_body(self, error: Error) -> dict[str, str]:
        """Return one text, as both servers do."""
        return {"error": error.line()}

    def _list(self, _: Request, __: Path) -> object:
        return {"models": [model["model"] for model in self._service.list_models()["models"]]}

    def _status(self, _: Request, path: Path) -> object:
        """Answer with the fields of KServe and with those of TensorFlow Serving."""
        manifest = self._service.manifest(path["model"], path.get("version"))
        versions = (
            [manifest.version] if "version" in path else self._service.versions(path["model"])
        )
        return {
            "name": manifest.model,
            "ready": True,
            "model_version_status": [_available(version) for version in versions],
        }

    def _predict(self, request: Request, path: Path) -> Response:
        check_json_accepted(request)
        asked = contract.decode(_decoder, request.body, ' Send {"instances": [...]}.')
        parameters = query_parameters.merged(asked.asked(), request)
        told = self._answering.answer(path["model"], path.get("version"), asked.form(), parameters)
        found = told.response()
        name = "predictions" if asked.inputs is None else "outputs"
        more = {"classes": found.classes, "probabilities": found.probabilities}
        body = {name: found.predictions, **{k: v for k, v in more.items() if v is not UNSET}}
        return timed(told.answers, contract.encode(body))


def _available(version: str) -> dict[str, Any]:
    status = {"error_code": "OK", "error_message": ""}
    return {"version": version, "state": "AVAILABLE", "status": status}
