"""The models in this container's memory, of whichever kind, within its budget."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from container import artifacts, generation, machine, script
from container.artifacts import Artifacts
from container.batching import BatchedService
from container.settings import ContainerSettings
from preparer.prepare import Preparer
from serving.errors import ModelNotFound
from serving.naming import normalize
from serving.protocols import sagemaker
from serving.repository.candidates import Candidates
from serving.routing import Front

# What Python, the server and a request need beside the models.
RESERVED_MB = 512
FOREVER_SECONDS = 1e9


class AlreadyLoaded(Exception):
    """A model of this name is in memory."""


class OutOfMemory(Exception):
    """Memory doesn't suffice for another model; unloading one may help."""


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
        self._budget = max(memory_mb - RESERVED_MB, memory_mb // 4) * machine.MIB
        self._artifacts = Artifacts(settings.scratch_dir, _preparer(settings, memory_mb))
        self.service = BatchedService(
            self._artifacts,
            budget_bytes=self._budget,
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
        if (folder / artifacts.CODE / settings.program).is_file():
            size = self._check(_size_on_disk(folder))
            front: Front = script.Script(name, folder, settings.program)
            return Hosted(name, folder, front, size, lambda: False)
        if generation.is_generator(folder):
            size = self._check(_size_on_disk(folder))
            return Hosted(name, folder, generation.front(folder, settings), size, lambda: False)
        return self._load_matrix(name, folder)

    def _load_matrix(self, name: str, folder: Path) -> Hosted:
        resolved = self._artifacts.add(name, folder)
        try:
            size = self._check(artifacts.size(resolved.manifest.description))
            self.service.load(name)
        except BaseException:
            self._artifacts.remove(name)
            raise
        front = sagemaker.Routes(self.service, name)
        return Hosted(name, folder, front, size, lambda: self.service.is_quick(name))

    def _check(self, size: int) -> int:
        used = sum(hosted.size for hosted in self.all())
        if used + size > self._budget:
            free = f"{self._budget - used} of {self._budget}"
            raise OutOfMemory(f"The model needs {size} bytes, and {free} are free.")
        return size


def _preparer(settings: ContainerSettings, memory_mb: int) -> Preparer:
    return Preparer(
        Candidates(settings.scratch_dir),
        settings.trusted_formats,
        memory_mb,
        compile_seconds=settings.compile_seconds,
    )


def _size_on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
