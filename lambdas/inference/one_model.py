"""A function for one model, on paths of its own."""

from pathlib import Path

from inference.proxy import Handler, ProxyEvent, ProxyReply
from serving.errors import ModelNotFound
from serving.records.naming import normalize
from serving.repository.models import Models
from serving.settings.serving import DedicatedSettings

OWN_FORM = "/inference"


class OneModel(Models):
    """The folder `models/`, of which one model is read: no other may come into this memory."""

    def __init__(self, root: Path, model: str) -> None:
        super().__init__(root)
        self._model = normalize(model)

    def names(self) -> list[str]:
        """List the one model, where it was ever uploaded."""
        return [name for name in super().names() if name == self._model]

    def folder(self, model: str) -> Path:
        """Return the model's folder; raises `ModelNotFound` for any other."""
        if normalize(model) != self._model:
            raise ModelNotFound(
                f"This is the function of {self._model!r} alone; for {model!r:.200} ask "
                f"POST {OWN_FORM}, or its own path in /v1 or /v2."
            )
        return super().folder(model)


class OneModelHandler:
    """A Lambda handler for one model."""

    def __init__(self, settings: DedicatedSettings) -> None:
        models = OneModel(settings.model_dir, settings.model)
        self._handler = Handler.from_settings(settings, models)

    def __call__(self, event: ProxyEvent, context: object) -> ProxyReply:
        """Answer one event; `/inference/MODEL` takes what `/inference` takes."""
        if event["path"].startswith(f"{OWN_FORM}/"):
            event = {**event, "path": OWN_FORM}
        return self._handler(event, context)
