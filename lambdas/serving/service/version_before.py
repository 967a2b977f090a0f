"""The version before the current one, which answers while that is put aside."""

import time
from collections.abc import Callable

from serving.errors import RequestError
from serving.records.naming import normalize
from serving.service.model_source import ModelSource
from serving.service.version_id import VersionId

# How long versions that were found are trusted; finding them reads all versions' records.
TRUSTED_SECONDS = 30.0


class VersionBefore:
    """Finds the newest version that is older than the current one, and isn't put aside itself."""

    def __init__(
        self,
        models: ModelSource,
        is_put_aside: Callable[[VersionId], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models = models
        self._is_put_aside = is_put_aside
        self._clock = clock
        self._found: dict[str, tuple[float, list[VersionId]]] = {}

    def of(self, model: str) -> str | None:
        """Return the version before the current one, or None."""
        name = normalize(model)
        looked_at, older = self._found.get(name, (float("-inf"), []))
        if self._clock() - looked_at >= TRUSTED_SECONDS:
            older = self._older(name)
            self._found[name] = self._clock(), older
        return next((v.version for v in older if not self._is_put_aside(v)), None)

    def _older(self, model: str) -> list[VersionId]:
        """List the versions that are older than the current one, the newest first."""
        from serving.repository.rules import age  # noqa: PLC0415 (a cold start does without)

        try:
            status = self._models.status(model)
        except (RequestError, OSError):
            return []
        current = next((m for m in status.ready if m.version == status.current), None)
        if current is None:
            return []
        older = [manifest for manifest in status.ready if age(manifest) < age(current)]
        return [VersionId.of(manifest) for manifest in sorted(older, key=age, reverse=True)]
