"""The V1 protocol of KServe and of TensorFlow Serving: instances in, predictions out.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
https://www.tensorflow.org/tfx/serving/api_rest
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import Batch
from serving.api import contract, query_parameters
from serving.api.contract import Error, Parameters
from serving.api.routing import Request, Response, Route
from serving.api.server_timing import timed
from serving.api.tables import table
from serving.errors import BadRequest
from serving.service.query import Ask, Query
from serving.service.service import Service

Path = Mapping[str, str]
MODEL = "/v1/models/{model}"
VERSION = f"{MODEL}/versions/{{version}}"


class PredictRequest(msgspec.Struct):
    """Body of `:predict`: `instances`, row by row, or `inputs`, column by column.

    Attributes:
        signature_name: TensorFlow's name for the method; passed over, `parameters` has it.
    """

    instances: list[Any] | UnsetType = UNSET
    inputs: dict[str, list[Any]] | list[Any] | UnsetType = UNSET
    parameters: Parameters = msgspec.field(default_factory=Parameters)
    signature_name: str | None = None

    def batch(self) -> Batch:
        """Return the instances; raises `BadRequest` where there are none, or both forms."""
        given = [form for form in (self.instances, self.inputs) if not isinstance(form, UnsetType)]
        if len(given) != 1:
            raise BadRequest("Send instances or inputs: one of these, and no more.", field="$")
        batch = table(given[0]) if isinstance(given[0], dict) else given[0]
        if not len(batch):
            raise BadRequest("There is nothing to predict; send at least one instance.", field="$")
        return batch


_decoder = msgspec.json.Decoder(PredictRequest)


class Routes:
    """The routes under /v1."""

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._ask = ask
        self.routes = (
            Route("/v1/models", GET=self._list),
            *(Route(f"{path}:predict", POST=self._predict) for path in (VERSION, MODEL)),
            *(Route(path, GET=self._status) for path in (MODEL, VERSION)),
        )

    def error_body(self, error: Error) -> dict[str, str]:
        """Return the text, and the id where there is one, as both servers do."""
        return {"error": error.message + (f" {error.id}" if error.id else "")}

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
        asked = contract.decode(_decoder, request.body, ' Send {"instances": [...]}.')
        method = query_parameters.merged(asked.parameters, request).method
        answer = self._ask(Query(path["model"], path.get("version"), asked.batch(), method))
        name = "predictions" if asked.inputs is UNSET else "outputs"
        return timed([answer], contract.encode({name: outputs.rows(answer.result)}))


def _available(version: str) -> dict[str, Any]:
    status = {"error_code": "OK", "error_message": ""}
    return {"version": version, "state": "AVAILABLE", "status": status}
