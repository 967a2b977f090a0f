"""A function for one model, on paths of its own."""

from typing import TYPE_CHECKING

from inference.proxy import Handler, ProxyEvent, ProxyReply, to_request
from inference.settings import DedicatedSettings
from serving.api import native_routes
from serving.errors import ModelNotFound
from serving.records.naming import normalize
from serving.repository.model_folder import PublishedVersion
from serving.repository.model_reader import ModelReader
from serving.service.model_source import ModelSource

if TYPE_CHECKING:
    from serving.records.uploads import Refusal
    from serving.repository.model_status import ModelStatus

OWN_FORM = "/inference"


class OneModel:
    """A source of models, of which one is read: no other may come into this memory."""

    def __init__(self, source: ModelSource, model: str) -> None:
        self._source = source
        self._model = normalize(model)

    def names(self) -> list[str]:
        """List the one model, where it was ever uploaded."""
        return [name for name in self._source.names() if name == self._model]

    def current(self, model: str) -> str | None:
        """Return the version that serves, or None; raises as `resolve` does for other models."""
        return self._source.current(self._own(model))

    def resolve(self, model: str, version: str | None = None) -> PublishedVersion:
        """Find a version of the one model; raises `ModelNotFound` for any other."""
        return self._source.resolve(self._own(model), version)

    def status(self, model: str) -> "ModelStatus":
        """Read the state of the one model; raises `ModelNotFound` for any other."""
        return self._source.status(self._own(model))

    def refusals(self) -> "list[Refusal]":
        """List the uploads whose key names no model."""
        return self._source.refusals()

    def _own(self, model: str) -> str:
        if normalize(model) != self._model:
            raise ModelNotFound(
                f"This is the function of {self._model!r} alone; for {model!r:.200} ask "
                f"POST {OWN_FORM}, or its own path in /v1 or /v2."
            )
        return model


class OneModelHandler:
    """A Lambda handler for one model."""

    def __init__(self, settings: DedicatedSettings) -> None:
        models = OneModel(ModelReader(settings.model_dir), settings.model)
        self._model = settings.model
        self._handler = Handler.from_settings(settings, models)

    def __call__(self, event: ProxyEvent, context: object) -> ProxyReply:
        """Answer one event; `/inference/MODEL` takes what `/inference` takes."""
        if event["path"].startswith(f"{OWN_FORM}/"):
            event = {**event, "path": OWN_FORM}
            if not native_routes.is_json(to_request(event)):
                query = event.get("queryStringParameters") or {}
                event["queryStringParameters"] = {"model": self._model, **query}
        return self._handler(event, context)
