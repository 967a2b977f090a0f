"""From a version that serves to the next: the new one loads before the old one goes."""

import logging
from collections.abc import Callable
from typing import TypeVar

from modelmount_compiler.frameworks.model import Model
from serving.cache.cache import Cache
from serving.errors import ModelUnavailable, OverBudget
from serving.records.naming import normalize
from serving.service.versions import Known, Part, Served, Versions

logger = logging.getLogger(__name__)
T = TypeVar("T")
Use = Callable[[Known | None, Served], T]
# When a new version is tried again: after it didn't load, and after there was no room for it.
RETRY_BROKEN_SECONDS = 30.0
RETRY_FULL_SECONDS = 1.0


class Switch:
    """Chooses the version that a caller uses.

    The first caller who meets a new version loads it; the others use the old one meanwhile, which
    isn't evicted. Where memory doesn't hold both, the old one goes first, unless it is in use. If
    the new one doesn't load, the old one serves on, loaded again if need be.
    """

    def __init__(self, cache: Cache[Part, Model], versions: Versions) -> None:
        self._cache = cache
        self._versions = versions
        self._pinned: dict[str, Part | None] = {}

    def pin(self, model: str) -> None:
        """Never evict the model's current version once it is loaded, whichever that is."""
        self._pinned[normalize(model)] = None

    def serve(self, model: str, version: str | None, use: Use[T]) -> T:
        """Use the version that is named, or the current one.

        Args:
            use: loads a version if need be; once it has it, it calls `done` with what it was given.

        Raises:
            RequestError: there is no such model or version.
            ModelUnavailable: it can't be loaded now, and no other version can stand in.
            Exception: whatever `use` raises.
        """
        known = self._versions.find(model, version)
        latest, good = known.latest, known.good
        if good is None or good is latest:
            return self._load(known, latest, use)
        if not self._versions.claim(known):
            first, second = (good, latest) if self._is_loaded(good) else (latest, good)
            try:
                return use(None, first)
            except ModelUnavailable:
                return use(None, second)
        try:
            return self._replace(known, good, use)
        finally:
            known.is_switching = False

    def done(self, known: Known | None, served: Served) -> None:
        """Note that a version is loaded, if it wasn't before; the caller has it leased."""
        if known is None:
            return
        known.good = served
        if known.version is None and known.model in self._pinned:
            self._pin(known.model, served.first)

    def _load(self, known: Known, latest: Served, use: Use[T]) -> T:
        # Looked at before: somebody may go on to the next version while this one answers.
        news = None if known.good is latest else known
        try:
            return use(news, latest)
        except ModelUnavailable as error:
            newer = self._versions.look_again(known)
            if newer is latest:
                raise
            logger.warning("%s; version %s is there by now", error, newer.manifest.version)
            return use(known, newer)

    def _replace(self, known: Known, good: Served, use: Use[T]) -> T:
        try:
            return self._load(
                known, known.latest, lambda news, new: self._beside(news, good, new, use)
            )
        except ModelUnavailable as error:
            logger.warning("%s; version %s answers", error, good.manifest.version)
            is_full = isinstance(error, OverBudget)
            seconds = RETRY_FULL_SECONDS if is_full else RETRY_BROKEN_SECONDS
            self._versions.trust(known, good, seconds)
            answer = use(None, good)
            self.done(known, good)
            return answer

    def _beside(self, news: Known | None, good: Served, new: Served, use: Use[T]) -> T:
        try:
            with self._cache.hold(good.sizes):
                return use(news, new)
        except OverBudget:
            if news is not None and news.version is None:
                self._pin(news.model, None)
            return use(news, new)

    def _pin(self, model: str, part: Part | None) -> None:
        before = self._pinned.get(model)
        if before is not None and before != part:
            self._cache.pin(before, is_pinned=False)
        if part is not None:
            self._cache.pin(part)
        if model in self._pinned:
            self._pinned[model] = part

    def _is_loaded(self, served: Served) -> bool:
        return any(part in self._cache for part in served.sizes)
