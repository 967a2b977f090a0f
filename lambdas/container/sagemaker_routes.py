"""The routes that SageMaker asks of a container.

One model: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
Many: https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from container.hosted_models import AlreadyLoaded, DoesNotLoad, HostedModel, HostedModels
from container.memory_budget import OutOfMemory
from serving.api import contract
from serving.api.contract import Error, ErrorResponse
from serving.api.routing import JSON, Request, Response, Route, dispatch
from serving.errors import ModelOutOfMemory, OverBudget

INVOCATIONS = "/invocations"
PINGS = ("/ping", "/health")  # MLflow's scoring server has both
T = TypeVar("T")


class LoadRequest(msgspec.Struct):
    """Body of `POST /models`: a name, and the folder in which the model was unpacked."""

    model_name: str
    url: str


_load_request = msgspec.json.Decoder(LoadRequest)


class JsonErrors:
    """Tells errors by code, text, field and id."""

    def error_body(self, error: Error) -> ErrorResponse:
        """Return the body of an answer that tells this error."""
        return ErrorResponse(error)


class SingleModelRoutes(JsonErrors):
    """`/ping` and `/invocations`, from before the model is loaded; `/version` as MLflow has it.

    Args:
        model: returns the model; raises `ModelUnavailable` before it is loaded, and `DoesNotLoad`
            when it never will be.
    """

    def __init__(self, model: Callable[[], HostedModel]) -> None:
        self._model = model
        self.routes = (
            *(Route(path, GET=self._ping) for path in PINGS),
            Route(INVOCATIONS, POST=self._invoke),
            Route("/version", GET=self._version),
        )

    def _ping(self, _: Request, __: Mapping[str, str]) -> object:
        return self._ask(lambda hosted: _health([hosted]))

    def _version(self, _: Request, __: Mapping[str, str]) -> Response:
        """Answer in plain text, as MLflow's client reads it."""
        return Response(200, contract.API_VERSION.encode(), {"content-type": "text/plain"})

    def _invoke(self, request: Request, _: Mapping[str, str]) -> object:
        return self._ask(lambda hosted: invoke(hosted, request))

    def _ask(self, ask: Callable[[HostedModel], T]) -> T | Response:
        try:
            hosted = self._model()
        except DoesNotLoad as error:
            return _refused(503, "MODEL_DOES_NOT_LOAD", f"The model doesn't load: {error}")
        return ask(hosted)


class MultiModelRoutes(JsonErrors):
    """`/ping`, and the routes by which SageMaker loads, asks and unloads models."""

    def __init__(self, models: HostedModels) -> None:
        self._models = models
        self.routes = (
            Route("/ping", GET=lambda *_: _health(self._models.all())),
            Route("/models", GET=self._list, POST=self._load),
            Route("/models/{model}", GET=self._get, DELETE=self._unload),
            Route("/models/{model}/invoke", POST=self._invoke),
        )

    def _list(self, _: Request, __: Mapping[str, str]) -> object:
        return {"models": [_description(hosted) for hosted in self._models.all()]}

    def _get(self, _: Request, parameters: Mapping[str, str]) -> object:
        return _description(self._models.get(parameters["model"]))

    def _load(self, request: Request, _: Mapping[str, str]) -> Response:
        asked = contract.decode(_load_request, request.body, ' Send {"model_name", "url"}.')
        try:
            self._models.load(asked.model_name, Path(asked.url))
        except AlreadyLoaded:
            return _refused(409, "ALREADY_LOADED", f"{asked.model_name!r:.200} is loaded.")
        except (OutOfMemory, OverBudget, ModelOutOfMemory, MemoryError) as error:
            return _refused(507, "OUT_OF_MEMORY", f"{error} Unload another model first.")
        return _empty()

    def _unload(self, _: Request, parameters: Mapping[str, str]) -> Response:
        self._models.unload(parameters["model"])
        return _empty()

    def _invoke(self, request: Request, parameters: Mapping[str, str]) -> object:
        return invoke(self._models.get(parameters["model"]), request)


def invoke(hosted: HostedModel, request: Request) -> object:
    """Ask a model, on whatever path the request came."""
    asked = Request(request.method, INVOCATIONS, request.headers, request.body)
    return dispatch(hosted.routes.routes, asked)


def _description(hosted: HostedModel) -> dict[str, Any]:
    return {"modelName": hosted.name, "modelUrl": str(hosted.folder)}


def _health(models: list[HostedModel]) -> Response:
    """Answer a ping: it fails where there are models, and none of them can be asked."""
    if models and all(hosted.is_put_aside() for hosted in models):
        names = ", ".join(repr(hosted.name) for hosted in models)
        text = f"No model can be asked: {names:.500} failed again and again, and rest."
        return _refused(503, "MODEL_PUT_ASIDE", text)
    return _empty()


def _empty() -> Response:
    return Response(200, b"", {"content-type": JSON})


def _refused(status: int, code: str, text: str) -> Response:
    body = contract.encode(ErrorResponse(Error(code, text)))
    return Response(status, body, {"content-type": JSON})
