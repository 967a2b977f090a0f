"""What the API can do, without a word of HTTP: infer, list and describe."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from modelmount_compiler import frameworks
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import outputs
from serving.cache import memory
from serving.cache.cache import Cache, Lease, Loaded
from serving.errors import ModelUnavailable, RequestError, SignatureMismatch
from serving.records import codec
from serving.records.manifest import Manifest
from serving.service import loading
from serving.service.model_source import ModelSource
from serving.service.query import Query
from serving.service.switching import Switch
from serving.service.versions import Known, Part, Served, Versions

logger = logging.getLogger(__name__)
LISTERS = 16


@dataclass(slots=True)
class Answer:
    """What a version answered.

    Attributes:
        result: to n instances, as `modelmount_compiler.frameworks.Model.answer` gives it.
        load_ms: time to load the model; None where this answer didn't set that off.
        predict_ms: time to answer, conversion of the instances included.
    """

    manifest: Manifest
    result: Any
    load_ms: float | None
    predict_ms: float


class Service:
    """Answers from a repository, through a cache.

    Args:
        budget_bytes: what models may take of memory.
        limit_bytes: what the process may take of it, if that is limited: models that are idle go
            before it would take more.
        refresh_seconds: how long a version that serves is trusted to be the newest.
    """

    def __init__(
        self,
        models: ModelSource,
        *,
        budget_bytes: int,
        limit_bytes: int | None = None,
        refresh_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        memory.return_large_blocks()
        limits = () if limit_bytes is None else (memory.Limit(limit_bytes),)
        self._models = models
        self._cache: Cache[Part, frameworks.Model] = Cache(budget_bytes, *limits)
        self._versions = Versions(models, refresh_seconds, clock)
        self._switch = Switch(self._cache, self._versions)

    def ask(self, query: Query) -> Answer:
        """Answer from the version that is named, or from the current one.

        A new current version that fails to load doesn't take the model down: the one before
        goes on answering.

        Raises:
            RequestError: the query doesn't fit, or there is no such model or version.
            ModelUnavailable: it can't answer now.
        """
        return self._switch.serve(
            query.model,
            query.version,
            lambda news, served: self._ask(news, served, query),
        )

    def preload(self, names: Iterable[str]) -> None:
        """Load the current versions of these models, and never evict them but for newer ones.

        What doesn't load, or doesn't fit beside those before it, is told in the log.
        """
        for name in names:
            try:
                self._switch.pin(name)
                self.load(name)
            except (RequestError, ModelUnavailable, OSError) as error:
                logger.warning("%r isn't preloaded: %s", name, error)

    def load(self, model: str) -> None:
        """Load the current version now; raises as `ask` does."""
        self._switch.serve(model, None, self._load)

    def unload(self, model: str) -> None:
        """Let go of every version in memory; the next query loads it again.

        Raises:
            ModelNotFound: there is no such model.
            ModelUnavailable: one of its versions is answering just now.
        """
        name = self._models.status(model).model
        self._versions.forget(name)
        if not self._cache.drop(lambda part: part.identity.model == name):
            raise ModelUnavailable(f"Model {model!r} is answering requests; try again soon.")

    def manifest(self, model: str, version: str | None = None) -> Manifest:
        """Return the record of the version that would answer; raises as `ask` does."""
        return self._versions.find(model, version).latest.manifest

    def versions(self, model: str) -> list[str]:
        """List the versions that can be asked; raises `ModelNotFound`."""
        return [manifest.version for manifest in self._models.status(model).ready]

    def list_models(self) -> dict[str, Any]:
        """List every model and its state, and the uploads whose key names no model."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (a cold start does without)

        # Each look waits for the file system's network: one by one, thousands take too long.
        with ThreadPoolExecutor(LISTERS) as pool:
            models = list(pool.map(self._entry, self._models.names()))
        return {
            "models": models,
            "refused": [codec.encode(refusal) for refusal in self._models.refusals()],
        }

    def describe(self, model: str) -> dict[str, Any]:
        """Tell all versions of a model, each with its state; raises `ModelNotFound`."""
        from serving.service import status  # noqa: PLC0415 (a cold start does without)

        return status.show(self._models.status(model))

    def _entry(self, name: str) -> dict[str, Any]:
        current = self._models.current(name)
        state = "ready" if current else self._models.status(name).state
        return {"model": name, "state": state, "current": current}

    def _load(self, news: Known | None, served: Served) -> None:
        part = served.first
        with self._lease(served, part, lambda: loading.load(served.resolved, part.form)):
            self._switch.done(news, served)

    def _ask(self, news: Known | None, served: Served, query: Query) -> Answer:
        begun, was_loaded = time.perf_counter(), True
        part = served.part(query.method, len(query.batch))

        def load() -> Loaded[frameworks.Model]:
            nonlocal was_loaded
            was_loaded = False
            return loading.load(served.resolved, part.form)

        with self._lease(served, part, load) as model:
            asked = time.perf_counter()
            self._switch.done(news, served)
            result = _answer(model, query)
        predict_ms = (time.perf_counter() - asked) * 1e3
        if outputs.count(result) != len(query.batch):
            raise SignatureMismatch(
                f"The model gave {outputs.count(result)} answers to {len(query.batch)} "
                "instances, so it can't be asked instance by instance.",
                field="$.parameters.method",
            )
        load_ms = None if was_loaded else (asked - begun) * 1e3
        return Answer(served.manifest, result, load_ms, predict_ms)

    def _lease(
        self, served: Served, part: Part, load: Callable[[], Loaded[frameworks.Model]]
    ) -> Lease[Part, frameworks.Model]:
        return self._cache.lease(part, served.sizes[part], load)


def _answer(model: frameworks.Model, query: Query) -> Any:  # noqa: ANN401 (see `outputs`)
    try:
        return model.answer(query.batch, query.method)
    except InputMismatch as error:
        raise SignatureMismatch(str(error), field=error.field) from error
