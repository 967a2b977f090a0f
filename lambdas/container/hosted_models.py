"""The models in this container's memory: scripts, text generators and all others."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from container import artifacts, folder_kind, generation, hardware, script
from container.artifacts import Artifacts
from container.memory_budget import MemoryBudget
from container.query_batcher import QueryBatcher
from container.settings import ContainerSettings
from preparation.prepare import Preparer
from serving.api.protocols import sagemaker
from serving.api.routing import RouteGroup
from serving.errors import ModelNotFound
from serving.records.naming import normalize
from serving.repository.candidates import Candidates
from serving.service.query import Ask
from serving.service.service import Service
from workers.bounds import Bounds

FOREVER_SECONDS = 1e9


class DoesNotLoad(Exception):
    """The container's one model can never be loaded; the text says why."""


class AlreadyLoaded(Exception):
    """A model of this name is in memory."""


@dataclass(frozen=True, slots=True)
class HostedModel:
    """A model in memory.

    Attributes:
        folder: where it was loaded from.
        routes: answer `POST /invocations`.
        size: bytes of the memory budget that it takes.
        is_quick: whether it answers in less time than a switch of threads is worth, always in
            this process.
        is_put_aside: whether it failed again and again, and rests.
    """

    name: str
    folder: Path
    routes: RouteGroup
    size: int
    is_quick: Callable[[], bool]
    is_put_aside: Callable[[], bool] = lambda: False


class HostedModels:
    """Loads and unloads models, each by the kind of its folder, within the memory budget."""

    def __init__(self, settings: ContainerSettings) -> None:
        memory_mb = settings.memory_mb or hardware.memory_mb()
        self._settings = settings
        self._budget = MemoryBudget(memory_mb)
        self._artifacts = Artifacts(settings.scratch_dir, _preparer(settings, memory_mb))
        self.service = Service(
            self._artifacts,
            budget_bytes=self._budget.size,
            limit_bytes=self._budget.limit,
            # The one model never changes; a name can be given to another of many at any time.
            refresh_seconds=0 if settings.multi_model else FOREVER_SECONDS,
            bounds=Bounds(
                settings.predict_seconds,
                self._budget.size,
                self._budget.limit,
                settings.max_payload_bytes,
                load_seconds=artifacts.PREPARE_SECONDS,
            ),
        )
        self._batcher = QueryBatcher(
            self.service.ask,
            most=settings.max_batch,
            delay_seconds=settings.max_batch_delay,
        )
        self._lock = threading.Lock()
        self._hosted: dict[str, HostedModel] = {}
        self._loading: set[str] = set()

    @property
    def ask(self) -> Ask:
        """Answers queries, those to a slow model together."""
        return self._batcher.ask

    def get(self, name: str) -> HostedModel:
        """Return a model that is in memory; raises `ModelNotFound`."""
        hosted = self._hosted.get(normalize(name))
        if hosted is None:
            raise ModelNotFound(f"The model {name!r:.200} isn't loaded.")
        return hosted

    def all(self) -> list[HostedModel]:
        """List the models in memory, by name."""
        with self._lock:
            return [self._hosted[name] for name in sorted(self._hosted)]

    def load(self, name: str, folder: Path) -> HostedModel:
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
        """Unload a model.

        Raises:
            ModelNotFound: there is none of this name.
            ModelUnavailable: it is answering just now.
        """
        hosted = self.get(name)
        if hosted.name in self._artifacts.names():
            self.service.unload(hosted.name)
            self._artifacts.remove(hosted.name)
            self._batcher.forget(hosted.name)
        with self._lock:
            self._hosted.pop(hosted.name, None)

    def _load(self, name: str, folder: Path) -> HostedModel:
        settings = self._settings
        script.install(folder, settings.scratch_dir, is_allowed=settings.allow_install)
        match folder_kind.kind(folder, settings.program):
            case "script" if settings.multi_model and not script.has_requirements(folder):
                return self._load_script(name, folder)
            case "script":
                size = self._check(_size_on_disk(folder))
                routes: RouteGroup = script.Script(name, folder, settings.program)
            case "text":
                size = self._check(_size_on_disk(folder))
                routes = generation.load_routes(folder, settings)
            case _:
                return self._load_matrix(name, folder)
        return HostedModel(name, folder, routes, size, lambda: False)

    def _load_script(self, name: str, folder: Path) -> HostedModel:
        """Run a script in a worker: beside others, its modules mustn't be theirs."""
        size = self._check(_size_on_disk(folder))
        self._artifacts.add_script(name, folder, self._settings.program)
        try:
            self.service.keep(name)
        except BaseException:
            self._artifacts.remove(name)
            raise
        routes = script.WorkerRoutes(self.service.ask, name)
        is_aside = self.service.is_put_aside
        return HostedModel(name, folder, routes, size, lambda: False, lambda: is_aside(name))

    def _load_matrix(self, name: str, folder: Path) -> HostedModel:
        resolved = self._artifacts.add(name, folder)
        try:
            size = self._check(artifacts.size(resolved.manifest.description))
            self.service.keep(name)
        except BaseException:
            self._artifacts.remove(name)
            raise
        routes = sagemaker.Routes(self.service, self.ask, name)
        # The event loop itself asks what is quick, so a worker never is.
        is_compiled = self.service.is_wholly_compiled(name)
        return HostedModel(
            name,
            folder,
            routes,
            size,
            is_quick=lambda: is_compiled and self._batcher.is_quick(name),
            is_put_aside=lambda: self.service.is_put_aside(name),
        )

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
