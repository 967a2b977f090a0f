"""What the API can do, without a word of HTTP: infer, list and describe."""

import functools
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from serving import outputs, records, runtimes
from serving.cache import Cache
from serving.contract import Question
from serving.errors import ModelUnavailable, RequestError, SignatureMismatch
from serving.manifest import Description, Manifest
from serving.naming import normalize
from serving.repository.models import Models, Resolved
from serving.runtimes import compiled

logger = logging.getLogger(__name__)
RETRY_BROKEN_SECONDS = 30.0


class Version(NamedTuple):
    """Key of a loaded model; one version written anew after a withdrawal is another key."""

    model: str
    version: str
    version_id: str


@dataclass(slots=True)
class Answer:
    """What a version answered.

    Attributes:
        result: to n instances, as `serving.runtimes.Model.answer` gives it.
        load_ms: time to load the model; None where this answer didn't set that off.
        predict_ms: time to answer, conversion of the instances included.
    """

    manifest: Manifest
    result: Any
    load_ms: float | None
    predict_ms: float


class _Known(NamedTuple):
    resolved: Resolved
    checked_at: float


class Service:
    """Answers from a repository, through a cache of `budget_bytes`."""

    def __init__(
        self,
        models: Models,
        *,
        budget_bytes: int,
        refresh_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models = models
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._cache: Cache[Version, runtimes.Model] = Cache(budget_bytes)
        self._known: dict[tuple[str, str | None], _Known] = {}
        self._last_good: dict[str, Resolved] = {}

    def ask(self, question: Question) -> Answer:
        """Answer from the version that is named, or from the current one.

        A new current version that fails to load doesn't take the model down: the one before
        goes on answering while it is in memory.

        Raises:
            RequestError: the question doesn't fit, or there is no such model or version.
            ModelUnavailable: it can't answer now.
        """
        resolved = self._resolve(question.model, question.version)
        try:
            answer = self._ask(resolved, question)
        except ModelUnavailable as error:
            for other in self._instead_of(resolved, question):
                logger.warning("%s; version %s answers", error, other.manifest.version)
                return self._ask(other, question)
            raise
        if question.version is None:
            self._last_good[resolved.manifest.model] = resolved
        return answer

    def preload(self, names: Iterable[str]) -> None:
        """Load the current versions of these models; what doesn't load is told in the log."""
        for name in names:
            try:
                self.load(name)
            except (RequestError, ModelUnavailable, OSError) as error:
                logger.warning("%r isn't preloaded: %s", name, error)

    def load(self, model: str) -> None:
        """Load the current version now; raises as `ask` does."""
        resolved = self._resolve(model, None)
        with self._lease(resolved, lambda: _load(resolved)):
            self._last_good[resolved.manifest.model] = resolved

    def unload(self, model: str) -> None:
        """Let go of every version in memory; the next question loads it again.

        Raises:
            ModelNotFound: there is no such model.
            ModelUnavailable: one of its versions is answering just now.
        """
        name = self._models.status(model).model
        self._last_good.pop(name, None)
        if not self._cache.drop(lambda key: key.model == name):
            raise ModelUnavailable(f"Model {model!r} is answering requests; try again soon.")

    def manifest(self, model: str, version: str | None = None) -> Manifest:
        """Return the record of the version that would answer; raises as `ask` does."""
        return self._resolve(model, version).manifest

    def versions(self, model: str) -> list[str]:
        """List the versions that can be asked; raises `ModelNotFound`."""
        return [manifest.version for manifest in self._models.status(model).ready]

    def list_models(self) -> dict[str, Any]:
        """List every model and its state, and the uploads whose key names no model."""
        names = self._models.names()
        return {
            "models": [
                {"model": n, "state": self._models.state(n), "current": self._models.current(n)}
                for n in names
            ],
            "refused": [records.encode(refusal) for refusal in self._models.refusals()],
        }

    def describe(self, model: str) -> dict[str, Any]:
        """Tell all versions of a model, each with its state; raises `ModelNotFound`."""
        from serving import status  # noqa: PLC0415 (a cold start does without)

        return status.show(self._models.status(model))

    def _resolve(self, model: str, version: str | None) -> Resolved:
        """Find the version that serves; what is known is trusted for `refresh_seconds`."""
        asked = (normalize(model), version)
        known = self._known.get(asked)
        now = self._clock()
        if known is not None and now - known.checked_at < self._refresh_seconds:
            return known.resolved
        try:
            resolved = self._models.resolve(model, version)
        except OSError:
            if known is None:
                raise
            logger.exception("the file system doesn't answer; %s is served as known", model)
            resolved = known.resolved
        except RequestError:
            self._known.pop(asked, None)
            raise
        self._known[asked] = _Known(resolved, now)
        return resolved

    def _instead_of(self, failed: Resolved, question: Question) -> Iterator[Resolved]:
        """Yield what can answer when a version doesn't load."""
        asked = (normalize(question.model), question.version)
        self._known.pop(asked, None)
        latest = self._resolve(question.model, question.version)
        if _key(latest) != _key(failed):  # it was pruned while it was being loaded
            yield latest
        previous = self._last_good.get(failed.manifest.model)
        if question.version is None and previous is not None and _key(previous) in self._cache:
            self._known[asked] = _Known(previous, self._clock() + RETRY_BROKEN_SECONDS)
            yield previous

    def _ask(self, resolved: Resolved, question: Question) -> Answer:
        begun, was_loaded = time.perf_counter(), True

        def load() -> runtimes.Model:
            nonlocal was_loaded
            was_loaded = False
            return _load(resolved)

        with self._lease(resolved, load) as model:
            asked = time.perf_counter()
            result = model.answer(question.batch, question.method)
        predict_ms = (time.perf_counter() - asked) * 1e3
        if outputs.count(result) != len(question.batch):
            raise SignatureMismatch(
                f"The model gave {outputs.count(result)} answers to {len(question.batch)} "
                "instances, so it can't be asked instance by instance.",
                field="$.parameters.method",
            )
        load_ms = None if was_loaded else (asked - begun) * 1e3
        return Answer(resolved.manifest, result, load_ms, predict_ms)

    def _lease(
        self, resolved: Resolved, load: Callable[[], runtimes.Model]
    ) -> AbstractContextManager[runtimes.Model]:
        return self._cache.lease(_key(resolved), _size(resolved.manifest.description), load)


def _key(resolved: Resolved) -> Version:
    manifest = resolved.manifest
    return Version(manifest.model, manifest.version, manifest.source.version_id)


def _size(description: Description) -> int:
    """Return the bytes that a model takes, with both forms where both may be asked."""
    compilation = description.compilation
    if compilation is None or compilation.file is None:
        return description.memory_bytes
    alone = compilation.answers_all(description.signature.methods)
    return compilation.compiled_bytes + (0 if alone else description.memory_bytes)


def _load(resolved: Resolved) -> runtimes.Model:
    """Load the compiled form where there is one; what it doesn't answer, the original does."""
    manifest, description = resolved.manifest, resolved.manifest.description
    compilation = description.compilation
    if compilation is None or compilation.file is None:
        return _load_original(resolved)
    try:
        program = compiled.load(resolved.folder / compilation.file)
    except Exception:
        text = "The compiled form of version %s of %r doesn't load; the original serves"
        logger.exception(text, manifest.version, manifest.model)
        return _load_original(resolved)
    original = functools.partial(_load_original, resolved)
    return compiled.Model(program, description.signature, compilation, original)


def _load_original(resolved: Resolved) -> runtimes.Model:
    manifest, description = resolved.manifest, resolved.manifest.description
    try:
        runtime = runtimes.runtime(description.runtime)
        loaded = runtime.load(resolved.model_file, description.format)
        return runtime.Model(loaded, description.signature)
    except Exception as error:
        text = f"Version {manifest.version} of {manifest.model!r} doesn't load: {error!r:.500}"
        logger.exception(text)
        raise ModelUnavailable(text) from error
