"""Which version answers: what is known of it, for how long, and in which form it answers what."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from modelmount_compiler.signature import Method
from serving.errors import ModelUnavailable, RequestError
from serving.records.manifest import Manifest
from serving.records.naming import normalize
from serving.repository.model_folder import PublishedVersion
from serving.service.loading import Form, estimate
from serving.service.model_source import ModelSource

logger = logging.getLogger(__name__)
# Models and versions whose manifests are kept at hand; any other is read again when it is asked.
KNOWN = 1024


class Version(NamedTuple):
    """Identity of a version; written anew after a withdrawal it is another."""

    model: str
    version: str
    version_id: str


class Part(NamedTuple):
    """One form of a version, which is loaded by itself: a key of the cache."""

    identity: Version
    form: Form


class Served:
    """A version that can answer.

    Attributes:
        first: the part that answers most.
        sizes: each part, and an estimate of the bytes that it takes.
    """

    def __init__(self, resolved: PublishedVersion) -> None:
        self.resolved = resolved
        manifest, description = resolved.manifest, resolved.manifest.description
        self.identity = Version(manifest.model, manifest.version, manifest.source.version_id)
        compilation = description.compilation
        is_compiled = compilation is not None and compilation.file is not None
        self._original = Part(self.identity, "original")
        self.first = Part(self.identity, "compiled") if is_compiled else self._original
        parts = (self.first, self._original)
        self.sizes = {part: estimate(description, part.form) for part in parts}
        proofs = compilation.methods if compilation is not None else ()
        self._proofs = {proof.method: proof for proof in proofs}

    @property
    def manifest(self) -> Manifest:
        """The version's record."""
        return self.resolved.manifest

    def part(self, method: Method, rows: int) -> Part:
        """Return what answers a call: the compiled form where it was proven, and is faster."""
        proof = self._proofs.get(method)
        if proof is not None and proof.covers(rows):
            return self.first
        is_offered = method in self.resolved.manifest.description.signature.methods
        return self._original if is_offered else self.first  # either one refuses the method


@dataclass(slots=True, eq=False)
class Known:
    """What was last seen under a name, with or without a version.

    Attributes:
        model: its name, as it is kept.
        version: what was asked for; None is the current one.
        latest: what answers, or is to.
        checked_at: when that was read.
        good: what last loaded; another one than `latest` until that has loaded too.
        is_switching: whether somebody loads `latest` in place of `good`.
    """

    model: str
    version: str | None
    latest: Served
    checked_at: float
    good: Served | None = None
    is_switching: bool = False


class Versions:
    """Finds versions in a repository, which is looked at once in `refresh_seconds`."""

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
        self._known: dict[tuple[str, str | None], Known] = {}

    def find(self, model: str, version: str | None) -> Known:
        """Find the version that serves.

        While one caller looks again the others take what is known. So do all of them while the
        file system doesn't answer.

        Raises:
            RequestError, ModelUnavailable: no version serves.
            OSError: the file system doesn't answer and nothing is known.
        """
        asked = (normalize(model), version)
        known = self._known.get(asked)
        if known is None:
            now = self._clock()
            return self._keep(Known(*asked, self._read(*asked), now))
        if self._clock() - known.checked_at >= self._refresh_seconds and self._is_first(known):
            self.look_again(known)
        return known

    def look_again(self, known: Known) -> Served:
        """Read what serves now; raises as `find` does."""
        try:
            served = self._read(known.model, known.version)
        except OSError:
            logger.exception("the file system doesn't answer; %s is served as known", known.model)
        except (RequestError, ModelUnavailable):
            self._known.pop((known.model, known.version), None)
            raise
        else:
            if served.identity != known.latest.identity:
                known.latest = served
        return known.latest

    def trust(self, known: Known, served: Served, seconds: float) -> None:
        """Let a version serve for so long without looking for a newer one."""
        known.latest, known.checked_at = served, self._clock() + seconds - self._refresh_seconds

    def forget(self, model: str) -> None:
        """Forget which version last loaded."""
        known = self._known.get((normalize(model), None))
        if known is not None:
            known.good = None

    def claim(self, known: Known) -> bool:
        """Whether the caller is the one to load what is new; `is_switching` is his to end."""
        with self._lock:
            is_first = not known.is_switching
            known.is_switching = True
            return is_first

    def _is_first(self, known: Known) -> bool:
        """Whether the caller is the one to look again: the others take it for done."""
        with self._lock:
            now = self._clock()
            is_due = now - known.checked_at >= self._refresh_seconds
            if is_due:
                known.checked_at = now
            return is_due

    def _read(self, model: str, version: str | None) -> Served:
        return Served(self._models.resolve(model, version))

    def _keep(self, known: Known) -> Known:
        with self._lock:
            known = self._known.setdefault((known.model, known.version), known)
            while len(self._known) > KNOWN:
                del self._known[next(iter(self._known))]
        return known
