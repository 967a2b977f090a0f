"""The originals of versions: files that were uploaded, each loaded in a worker process."""

import functools
import logging
from typing import TYPE_CHECKING

from environments.installed import interpreter, others, root
from modelmount_compiler.frameworks.model import Model
from serving.cache.loading_cache import Loaded
from serving.errors import ModelOutOfMemory, ModelUnavailable
from serving.repository.model_folder import PublishedVersion
from serving.service.version_id import VersionId
from workers.bounds import MIB, RESERVED_BYTES, Bounds

if TYPE_CHECKING:
    from workers.breaker import Rest
    from workers.worker_models import WorkerModels

logger = logging.getLogger(__name__)
# Memory of its parent's that a worker writes to, and so copies: measured, 8 to 16 MiB.
COPIED_BYTES = 12 * MIB


class Originals:
    """Loads originals within bounds; a process that serves none imports nothing for them."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds

    def load(self, resolved: PublishedVersion) -> Loaded[Model]:
        """Start a worker with the version's model; the size is what the worker takes for itself.

        Raises:
            ModelOutOfMemory: loading it takes more than a worker may take.
            ModelUnavailable: it doesn't load for another reason, or its worker failed.
        """
        from workers.job import Job  # noqa: PLC0415 (a cold start does without)
        from workers.worker_process import LoadFailed  # noqa: PLC0415 (likewise)

        manifest, description = resolved.manifest, resolved.manifest.description
        name = f"Version {manifest.version} of {manifest.model!r}"
        python = interpreter(description.environment)
        if python is None:
            raise ModelUnavailable(_not_installed(name, description.environment))
        job = Job(
            description.runtime,
            description.format,
            resolved.model_file,
            resolved.folder,
            description.signature,
            description.memory_bytes,
            self._bounds,
            sum(RESERVED_BYTES.get(name, 0) for name in description.packages),
            description.chain,
        )
        identity = VersionId.of(manifest)
        model = self._workers.model(identity, name, job, description.packages, python)
        try:
            size = model.load()
        except LoadFailed as error:
            text = f"{name} doesn't load: {error!s:.500}"
            logger.warning(text)
            if str(error).startswith(MemoryError.__name__):
                most = self._bounds.memory_bytes
                raise ModelOutOfMemory(f"{text} Its worker may take {most} bytes.") from error
            raise ModelUnavailable(text) from error
        # A mapped file takes memory only once it is asked.
        return Loaded(model, max(size, manifest.files[0].size) + COPIED_BYTES)

    def rest(self, version: VersionId) -> "Rest | None":
        """Return the rest of a version that failed again and again; else None."""
        # Without workers there was no failure.
        return self._workers.rest(version) if "_workers" in vars(self) else None

    def is_put_aside(self, version: VersionId) -> bool:
        """Whether the version failed again and again, and rests."""
        return self.rest(version) is not None

    def all_bytes(self) -> int:
        """Return the memory of all workers and their parents."""
        return self._workers.all_bytes() if "_workers" in vars(self) else 0

    def let_go(self) -> bool:
        """End parents of workers that are unused; return whether there were any."""
        return "_workers" in vars(self) and self._workers.let_go()

    @functools.cached_property
    def _workers(self) -> "WorkerModels":
        from workers.worker_models import WorkerModels  # noqa: PLC0415 (as above)

        return WorkerModels()


def _not_installed(name: str, environment: str) -> str:
    there = ", ".join(sorted(each.name for each in others(root()))) or "none besides its own"
    return (
        f"{name} needs the libraries of the environment {environment!r} for this call, and this "
        f"deployment hasn't got that any more. It has: {there}. Add {environment!r} to the setting "
        "environments and deploy, or save the model with a version that is there and upload it."
    )


def discard(model: Model) -> None:
    """End the worker of a model that was dropped; others need nothing."""
    close = getattr(model, "close", None)
    if close is not None:
        close()
