"""The changes that operators ask for: pin, unpin, roll back, delete."""

import dataclasses
from contextlib import AbstractContextManager

from serving.errors import OperationRefused
from serving.records.manifest import Manifest
from serving.records.uploads import Selection
from serving.repository import reading
from serving.repository.clock import now
from serving.repository.model_reader import ModelReader
from serving.repository.outcome import Outcome
from serving.repository.rules import age, choose
from serving.repository.upload_log import UploadLog
from serving.repository.versions import Versions


class Operations:
    """Changes that an operator asks for; each can be repeated without harm.

    With `dry_run` they return the outcome and change nothing.
    """

    def __init__(self, models: ModelReader, log: UploadLog, versions: Versions) -> None:
        self._models = models
        self._log = log
        self._versions = versions

    def pin(self, model: str, version: str, *, dry_run: bool = False) -> Outcome:
        """Make a version current until `unpin`, whatever arrives.

        Raises:
            OperationRefused: there is no such version.
        """
        with self._lock(model):
            self._ready(model, version)
            passed = self._models.selection(model).rolled_back
            if not dry_run:
                kept = tuple(name for name in passed if name != version)
                self._versions.select(model, Selection(version, kept))
            return Outcome("pinned", model, version)

    def unpin(self, model: str, *, dry_run: bool = False) -> Outcome:
        """Let `current` move forward again, to the newest version that wasn't rolled back.

        Raises:
            OperationRefused: there is no such model.
        """
        with self._lock(model):
            ready = self._all_ready(model)
            free = dataclasses.replace(self._models.selection(model), pinned=None)
            if not dry_run:
                self._versions.select(model, free)
            return Outcome("unpinned", model, choose(ready, free))

    def roll_back(
        self, model: str, version: str | None = None, *, dry_run: bool = False
    ) -> Outcome:
        """Make an older version current; what is newer is passed over, and a new upload serves.

        Without `version` it is the newest one before the current.

        Raises:
            OperationRefused: there is no such version, none before, or the model is pinned.
        """
        with self._lock(model):
            pinned = self._models.selection(model).pinned
            if pinned:
                raise OperationRefused(
                    f"{model!r} is pinned to version {pinned}; unpin it, or pin another."
                )
            target = self._ready(model, version) if version else self._before_current(model)
            newer = [m.version for m in self._all_ready(model) if age(m) > age(target)]
            if not dry_run:
                self._versions.select(model, Selection(None, tuple(newer)))
            return Outcome("rolled_back", model, target.version)

    def delete(self, model: str, version: str | None = None, *, dry_run: bool = False) -> Outcome:
        """Withdraw one version, or all, though the objects are still in the bucket.

        All that was written under their names until now stays away with them: what was refused
        while the version was there doesn't take its place.

        Raises:
            OperationRefused: there is nothing to delete.
        """
        with self._lock(model):
            gone = [self._ready(model, version)] if version else self._all_ready(model)
            names = [manifest.version for manifest in gone]
            if not dry_run:
                self._versions.withdraw(model, gone, ordered_at=now())
            return Outcome("withdrawn", model, ", ".join(names))

    def _lock(self, model: str) -> AbstractContextManager[None]:
        if not reading.refresh(self._models.folder(model)):
            raise OperationRefused(f"There is no model {model!r}.")
        return self._log.lock(model)

    def _all_ready(self, model: str) -> list[Manifest]:
        manifests = sorted(self._models.manifests(model), key=age)
        if not manifests:
            raise OperationRefused(f"There is no version of {model!r} that could serve.")
        return manifests

    def _ready(self, model: str, version: str) -> Manifest:
        manifests = self._all_ready(model)
        for manifest in manifests:
            if manifest.version == version:
                return manifest
        ready = ", ".join(manifest.version for manifest in manifests)
        raise OperationRefused(f"{model!r} has no version {version!r}; ready are: {ready}.")

    def _before_current(self, model: str) -> Manifest:
        current = self._models.current(model)
        older: list[Manifest] = []
        for manifest in self._all_ready(model):
            if manifest.version == current:
                break
            older.append(manifest)
        if not older:
            raise OperationRefused(f"{model!r} has no version before {current}.")
        return older[-1]
