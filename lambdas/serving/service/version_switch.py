"""The switch from a version that serves to the next: the new one loads before the old one goes."""

import functools
import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from serving.cache.loading_cache import Lease, LoadingCache
from serving.errors import ModelUnavailable, OverBudget
from serving.records.manifest import Manifest
from serving.records.naming import normalize
from serving.service import loading
from serving.service.originals import Originals
from serving.service.servable_version import FormId, ServableVersion
from serving.service.version_resolver import Resolution, VersionResolver

logger = logging.getLogger(__name__)
# Chooses the form of a version that a caller needs.
ChooseForm = Callable[[ServableVersion], FormId]
# When a new version is tried again: after it didn't load, and after there was no room for it.
RETRY_BROKEN_SECONDS = 30.0
RETRY_FULL_SECONDS = 1.0


class VersionInUse:
    """A loaded version, kept from eviction until the block ends.

    Attributes:
        model: the loaded form.
        manifest: the version's record.
        load_ms: time to load it; None where this caller didn't set that off.
    """

    __slots__ = ("_lease", "load_ms", "manifest", "model")

    def __init__(self, lease: Lease[Model], manifest: Manifest, load_ms: float | None) -> None:
        self._lease = lease
        self.model = lease.value
        self.manifest = manifest
        self.load_ms = load_ms

    @property
    def is_in_process(self) -> bool:
        """Whether the model answers in this process, and not in a worker."""
        return isinstance(self.model, ProgramModel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._lease.release()


class VersionSwitch:
    """Chooses the version that a caller uses.

    The first caller who meets a new version loads it; the others use the old one meanwhile, which
    isn't evicted. Where memory doesn't hold both, the old one goes first, unless it is in use. If
    the new one doesn't load, the old one serves on, loaded again if need be.
    """

    def __init__(
        self, cache: LoadingCache[FormId, Model], resolver: VersionResolver, originals: Originals
    ) -> None:
        self._cache = cache
        self._resolver = resolver
        self._originals = originals
        self._pinned: dict[str, FormId | None] = {}

    def pin(self, model: str) -> None:
        """Never evict the model's current version once it is loaded, whichever that is."""
        self._pinned[normalize(model)] = None

    def version(self, model: str, version: str | None, choose: ChooseForm) -> VersionInUse:
        """Load the named version, or the current one, for the block of a `with` statement.

        Raises:
            RequestError: there is no such model or version.
            ModelUnavailable: it can't be loaded now, and no other version can stand in.
        """
        resolution = self._resolver.resolve(model, version)
        latest, old = resolution.latest, resolution.loaded
        if old is latest or old is None:
            return self._use_latest(resolution, latest, choose)
        if not self._resolver.claim_switch(resolution):
            return self._use_meanwhile(latest, old, choose)
        try:
            return self._replace(resolution, old, choose)
        finally:
            resolution.is_switching = False

    def _use_latest(
        self,
        resolution: Resolution,
        latest: ServableVersion,
        choose: ChooseForm,
        *,
        instead_of: ServableVersion | None = None,
    ) -> VersionInUse:
        """Use the latest version; where it doesn't load, and there is a newer one by now, that."""
        # Looked at before: another caller may go on to the next version while this one loads.
        is_new = resolution.loaded is not latest
        try:
            in_use = self._load(resolution, latest, choose, instead_of)
        except ModelUnavailable as error:
            newer = self._resolver.look_again(resolution)
            if newer is latest:
                raise
            logger.warning("%s; version %s is there by now", error, newer.manifest.version)
            in_use, latest, is_new = self._load(resolution, newer, choose, instead_of), newer, True
        if is_new:
            self._note_loaded(resolution, latest)
        return in_use

    def _use_meanwhile(
        self, latest: ServableVersion, old: ServableVersion, choose: ChooseForm
    ) -> VersionInUse:
        """Use whichever version is in memory while another caller loads the latest."""
        is_old_loaded = any(form in self._cache for form in old.estimates)
        first, second = (old, latest) if is_old_loaded else (latest, old)
        try:
            return self._use(first, choose)
        except ModelUnavailable:
            return self._use(second, choose)

    def _replace(
        self, resolution: Resolution, old: ServableVersion, choose: ChooseForm
    ) -> VersionInUse:
        """Use the latest version, or the old one where the latest doesn't load."""
        try:
            return self._use_latest(resolution, resolution.latest, choose, instead_of=old)
        except ModelUnavailable as error:
            logger.warning("%s; version %s answers", error, old.manifest.version)
            is_full = isinstance(error, OverBudget)
            seconds = RETRY_FULL_SECONDS if is_full else RETRY_BROKEN_SECONDS
            self._resolver.trust(resolution, old, seconds)
            in_use = self._use(old, choose)
            self._note_loaded(resolution, old)
            return in_use

    def _load(
        self,
        resolution: Resolution,
        new: ServableVersion,
        choose: ChooseForm,
        old: ServableVersion | None,
    ) -> VersionInUse:
        """Use a version; beside the old one, or where memory doesn't hold both, instead of it."""
        if old is None:
            return self._use(new, choose)
        try:
            with self._cache.hold(old.estimates):
                return self._use(new, choose)
        except OverBudget:
            if resolution.version is None and resolution.loaded is not new:
                self._move_pin(resolution.model, None)
            return self._use(new, choose)

    def _use(self, version: ServableVersion, choose: ChooseForm) -> VersionInUse:
        form = choose(version)
        begun = time.perf_counter()
        load = functools.partial(loading.load, version.published, form.form, self._originals)
        lease = self._cache.lease(form, version.estimates[form], load)
        load_ms = (time.perf_counter() - begun) * 1e3 if lease.has_loaded else None
        return VersionInUse(lease, version.manifest, load_ms)

    def _note_loaded(self, resolution: Resolution, version: ServableVersion) -> None:
        resolution.loaded = version
        if resolution.version is None and resolution.model in self._pinned:
            self._move_pin(resolution.model, version.preferred)

    def _move_pin(self, model: str, form: FormId | None) -> None:
        before = self._pinned.get(model)
        if before is not None and before != form:
            self._cache.pin(before, is_pinned=False)
        if form is not None:
            self._cache.pin(form)
        if model in self._pinned:
            self._pinned[model] = form
