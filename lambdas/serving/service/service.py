"""The operations of the API without HTTP: infer, load, list and describe."""

import dataclasses
import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import NamedTensors
from serving.cache import memory
from serving.cache.loading_cache import LoadingCache
from serving.errors import ModelPutAside, ModelUnavailable, RequestError, SignatureMismatch
from serving.records import codec
from serving.records.manifest import Manifest
from serving.service.model_source import ModelSource
from serving.service.originals import Originals, discard
from serving.service.query import Answer, Query
from serving.service.servable_version import FormId, ServableVersion
from serving.service.version_before import VersionBefore
from serving.service.version_id import VersionId
from serving.service.version_resolver import VersionResolver
from serving.service.version_switch import VersionSwitch
from workers.bounds import Bounds

logger = logging.getLogger(__name__)
# Models whose state is read at once.
LIST_THREADS = 16


class Service:
    """Answers queries from a source of models, through a cache.

    Args:
        budget_bytes: memory that models may take.
        limit_bytes: memory that the process may take, if that is limited: idle models are evicted
            before it would take more.
        refresh_seconds: how long a version that serves is trusted to be the newest.
        bounds: of the workers that originals are asked in.
        falls_back: whether the version before answers while the current one is put aside.
    """

    def __init__(
        self,
        models: ModelSource,
        *,
        budget_bytes: int,
        limit_bytes: int | None = None,
        refresh_seconds: float,
        bounds: Bounds | None = None,
        falls_back: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        memory.return_large_blocks()
        bounds = bounds or Bounds(memory_bytes=budget_bytes, process_bytes=limit_bytes)
        self._originals = Originals(bounds)
        limit = limit_bytes or sys.maxsize
        excess = memory.Limit(limit, self._originals.all_bytes, self._originals.let_go)
        self._models = models
        self._cache: LoadingCache[FormId, Model] = LoadingCache(budget_bytes, excess, discard)
        self._resolver = VersionResolver(models, refresh_seconds, clock)
        self._switch = VersionSwitch(self._cache, self._resolver, self._originals)
        is_aside = self._originals.is_put_aside
        self._fallback = VersionBefore(models, is_aside, clock) if falls_back else None

    def ask(self, query: Query) -> Answer:
        """Answer from the version that is named, or from the current one.

        A new current version that fails to load doesn't take the model down: the one before
        goes on answering.

        Raises:
            RequestError: the query doesn't fit, or there is no such model or version.
            ModelUnavailable: it can't answer now.
        """
        if self._fallback is None or query.version is not None:
            return self._ask(query)
        try:
            return self._ask(query)
        except ModelPutAside:
            before = self._fallback.of(query.model)
            if before is None:
                raise
            return self._ask(dataclasses.replace(query, version=before))

    def _ask(self, query: Query) -> Answer:
        rows = len(query.batch)

        def choose(version: ServableVersion) -> FormId:
            return version.form_for(query.method, rows)

        with self._switch.version(query.model, query.version, choose) as used:
            begun = time.perf_counter()
            result = _answer(used.model, query)
        predict_ms = (time.perf_counter() - begun) * 1e3
        if not isinstance(query.batch, NamedTensors) and outputs.count(result) != rows:
            raise SignatureMismatch(
                f"The model gave {outputs.count(result)} answers to {rows} "
                "instances, so it can't be asked instance by instance.",
                field="$.parameters.method",
            )
        return Answer(used.manifest, result, used.load_ms, predict_ms, used.is_in_process)

    def preload(self, names: Iterable[str]) -> None:
        """Load and keep these models; the log tells which don't load, or don't fit."""
        for name in names:
            try:
                self.keep(name)
            except (RequestError, ModelUnavailable, OSError) as error:
                logger.warning("%r isn't preloaded: %s", name, error)

    def keep(self, model: str) -> None:
        """Load the current version, and evict it for no other model; raises as `ask` does."""
        self._switch.pin(model)
        self.load(model)

    def load(self, model: str) -> None:
        """Load the current version now; raises as `ask` does."""
        with self._switch.version(model, None, _preferred):
            pass

    def unload(self, model: str) -> None:
        """Drop every version from memory; the next query loads the current one again.

        Raises:
            ModelNotFound: there is no such model.
            ModelUnavailable: one of its versions is answering just now.
        """
        name = self._models.status(model).model
        self._resolver.forget_loaded(name)
        if not self._cache.drop(lambda form: form.version.model == name):
            raise ModelUnavailable(f"Model {model!r} is answering requests; try again soon.")

    def is_wholly_compiled(self, model: str) -> bool:
        """Whether no call of the current version needs a worker; raises as `ask` does."""
        return self._resolver.resolve(model, None).latest.is_wholly_compiled

    def is_put_aside(self, model: str) -> bool:
        """Whether the current version failed again and again, and rests; raises as `ask` does."""
        return self._originals.is_put_aside(self._resolver.resolve(model, None).latest.id)

    def manifest(self, model: str, version: str | None = None) -> Manifest:
        """Return the record of the version that would answer; raises as `ask` does."""
        return self._resolver.resolve(model, version).latest.manifest

    def versions(self, model: str) -> list[str]:
        """List the versions that can be asked; raises `ModelNotFound`."""
        return [manifest.version for manifest in self._models.status(model).ready]

    def list_models(self) -> dict[str, Any]:
        """List every model and its state, and the uploads whose key names no model."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (a cold start does without)

        # Each look waits for the file system's network: one by one, thousands take too long.
        with ThreadPoolExecutor(LIST_THREADS) as pool:
            models = list(pool.map(self._entry, self._models.names()))
        return {
            "models": models,
            "refused": [codec.encode(refusal) for refusal in self._models.refusals()],
        }

    def describe(self, model: str) -> dict[str, Any]:
        """Describe all versions of a model, each with its state; raises `ModelNotFound`."""
        from serving.repository import status_report  # noqa: PLC0415 (a cold start does without)

        status = self._models.status(model)
        rests = {m.version: self._originals.rest(VersionId.of(m)) for m in status.ready}
        aside = {
            v: {"reason": f"It {r.reason}.", "seconds": r.seconds} for v, r in rests.items() if r
        }
        return status_report.render(status, aside)

    def _entry(self, name: str) -> dict[str, Any]:
        current = self._models.current(name)
        state = "ready" if current else self._models.status(name).state
        return {"model": name, "state": state, "current": current}


def _preferred(version: ServableVersion) -> FormId:
    return version.preferred


def _answer(model: Model, query: Query) -> Any:
    try:
        return model.answer(query.batch, query.method)
    except InputMismatch as error:
        raise SignatureMismatch(str(error), field=error.field) from error
