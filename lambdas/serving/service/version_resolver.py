"""The version that answers to a name: read from the source of models, and kept for a while."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from serving.errors import ModelUnavailable, RequestError
from serving.records.naming import normalize
from serving.service.model_source import ModelSource
from serving.service.servable_version import ServableVersion

logger = logging.getLogger(__name__)
# Resolutions that are kept; any other is read again when it is asked for.
MAX_RESOLUTIONS = 1024


@dataclass(slots=True, eq=False)
class Resolution:
    """The version that answers to a model's name, or to a name and a version.

    Attributes:
        model: the name, normalized.
        version: the version that was asked for; None is the current one.
        latest: the version that the source of models gave last.
        checked_at: when it did, by the resolver's clock.
        loaded: the version that last loaded; it lags behind `latest` until that has loaded too.
        is_switching: whether a caller is loading `latest` in place of `loaded`.
    """

    model: str
    version: str | None
    latest: ServableVersion
    checked_at: float
    loaded: ServableVersion | None = None
    is_switching: bool = False


class VersionResolver:
    """Resolves names to versions, and looks for newer ones once in `refresh_seconds`."""

    def __init__(
        self,
        models: ModelSource,
        refresh_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models = models
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._resolutions: dict[tuple[str, str | None], Resolution] = {}

    def resolve(self, model: str, version: str | None) -> Resolution:
        """Find the version that serves.

        While one caller looks again the others take the version that is known. So do all of
        them while the file system doesn't answer.

        Raises:
            RequestError, ModelUnavailable: no version serves.
            OSError: the file system doesn't answer and no version is known.
        """
        asked = (normalize(model), version)
        resolution = self._resolutions.get(asked)
        if resolution is None:
            now = self._clock()
            return self._keep(Resolution(*asked, self._read(*asked), now))
        is_old = self._clock() - resolution.checked_at >= self._refresh_seconds
        if is_old and self._claim_check(resolution):
            self.look_again(resolution)
        return resolution

    def look_again(self, resolution: Resolution) -> ServableVersion:
        """Read which version serves now; raises as `resolve` does."""
        try:
            found = self._read(resolution.model, resolution.version)
        except OSError:
            text = "the file system doesn't answer; %s is served as known"
            logger.exception(text, resolution.model)
        except (RequestError, ModelUnavailable):
            self._resolutions.pop((resolution.model, resolution.version), None)
            raise
        else:
            if found.id != resolution.latest.id:
                resolution.latest = found
        return resolution.latest

    def trust(self, resolution: Resolution, version: ServableVersion, seconds: float) -> None:
        """Let a version serve for so long without looking for a newer one."""
        resolution.latest = version
        resolution.checked_at = self._clock() + seconds - self._refresh_seconds

    def forget_loaded(self, model: str) -> None:
        """Forget which version of a model last loaded."""
        resolution = self._resolutions.get((normalize(model), None))
        if resolution is not None:
            resolution.loaded = None

    def claim_switch(self, resolution: Resolution) -> bool:
        """Whether the caller is the one to load the new version.

        That caller sets `is_switching` back when it is done.
        """
        with self._lock:
            is_first = not resolution.is_switching
            resolution.is_switching = True
            return is_first

    def _claim_check(self, resolution: Resolution) -> bool:
        """Whether the caller is the one to look again; for the others it counts as done."""
        with self._lock:
            now = self._clock()
            is_due = now - resolution.checked_at >= self._refresh_seconds
            if is_due:
                resolution.checked_at = now
            return is_due

    def _read(self, model: str, version: str | None) -> ServableVersion:
        return ServableVersion(self._models.resolve(model, version))

    def _keep(self, resolution: Resolution) -> Resolution:
        with self._lock:
            asked = (resolution.model, resolution.version)
            resolution = self._resolutions.setdefault(asked, resolution)
            while len(self._resolutions) > MAX_RESOLUTIONS:
                del self._resolutions[next(iter(self._resolutions))]
        return resolution
