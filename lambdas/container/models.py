"""The models in this container's memory, of whichever kind, within its budget."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from container import artifacts, generation, layout, machine, script
from container.artifacts import Artifacts
from container.batching import BatchedService
from container.budget import Budget
from container.settings import ContainerSettings
from preparation.prepare import Preparer
from serving.api.protocols import sagemaker
from serving.api.routing import Front
from serving.errors import ModelNotFound
from serving.records.naming import normalize
from serving.repository.candidates import Candidates

FOREVER_SECONDS = 1e9


class DoesNotLoad(Exception):
    """The one model can't be loaded, now or later; the text says why."""


class AlreadyLoaded(Exception):
    """A model of this name is in memory."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """A model in memory.

    Attributes:
        folder: where it was loaded from.
        front: answers `POST /invocations`.
        size: bytes that count against the budget.
        is_quick: whether it answers in less time than a switch of threads is worth.
    """

    name: str
    folder: Path
    front: Front
    size: int
    is_quick: Callable[[], bool]


class HostedModels:
    """Loads and unloads models, each by the kind of folder that it is."""

    def __init__(self, settings: ContainerSettings) -> None:
        memory_mb = settings.memory_mb or machine.memory_mb()
        self._settings = settings
        self._budget = Budget(memory_mb)
        self._artifacts = Artifacts(settings.scratch_dir, _preparer(settings, memory_mb))
        self.service = BatchedService(
            self._artifacts,
            budget_bytes=self._budget.size,
            limit_bytes=self._budget.limit,
            most=settings.max_batch,
            delay_seconds=settings.max_batch_delay,
            # The one model never changes; a name can be given to another of many at any time.
            refresh_seconds=0 if settings.multi_model else FOREVER_SECONDS,
        )
        self._lock = threading.Lock()
        self._hosted: dict[str, Hosted] = {}
        self._loading: set[str] = set()

    def get(self, name: str) -> Hosted:
        """Return a model that is in memory; raises `ModelNotFound`."""
        hosted = self._hosted.get(normalize(name))
        if hosted is None:
            raise ModelNotFound(f"The model {name!r:.200} isn't loaded.")
        return hosted

    def all(self) -> list[Hosted]:
        """List what is in memory, by name."""
        with self._lock:
            return [self._hosted[name] for name in sorted(self._hosted)]

    def load(self, name: str, folder: Path) -> Hosted:
        """Load the model in a folder.

        Raises:
            AlreadyLoaded: there is one of this name.
            OutOfMemory: memory doesn't suffice.
            RequestError, ModelUnavailable: it can't be served; the text says why.
        """
        name = normalize(name)
        with self._lock:
            if name in self._hosted or name in self._loading:
                raise AlreadyLoaded
            self._loading.add(name)
        try:
            hosted = self._load(name, folder)
            with self._lock:
                self._hosted[name] = hosted
        finally:
            self._loading.discard(name)
        return hosted

    def unload(self, name: str) -> None:
        """Let go of a model.

        Raises:
            ModelNotFound: there is none of this name.
            ModelUnavailable: it is answering just now.
        """
        hosted = self.get(name)
        if hosted.name in self._artifacts.names():
            self.service.unload(hosted.name)
            self._artifacts.remove(hosted.name)
            self.service.forget(hosted.name)
        with self._lock:
            self._hosted.pop(hosted.name, None)

    def _load(self, name: str, folder: Path) -> Hosted:
        settings = self._settings
        script.install(folder, settings.scratch_dir, is_allowed=settings.allow_install)
        match layout.kind(folder, settings.program):
            case "script":
                size = self._check(_size_on_disk(folder))
                front: Front = script.Script(name, folder, settings.program)
            case "text":
                size = self._check(_size_on_disk(folder))
                front = generation.front(folder, settings)
            case _:
                return self._load_matrix(name, folder)
        return Hosted(name, folder, front, size, lambda: False)

    def _load_matrix(self, name: str, folder: Path) -> Hosted:
        resolved = self._artifacts.add(name, folder)
        try:
            size = self._check(artifacts.size(resolved.manifest.description))
            self.service.keep(name)
        except BaseException:
            self._artifacts.remove(name)
            raise
        front = sagemaker.Routes(self.service, name)
        return Hosted(name, folder, front, size, lambda: self.service.is_quick(name))

    def _check(self, size: int) -> int:
        return self._budget.check(size, sum(hosted.size for hosted in self.all()))


def _preparer(settings: ContainerSettings, memory_mb: int) -> Preparer:
    return Preparer(
        Candidates(settings.scratch_dir),
        settings.trusted_formats,
        memory_mb,
        compile_seconds=settings.compile_seconds,
    )


def _size_on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
