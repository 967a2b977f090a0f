"""What operators do by hand: pin, unpin, roll back, delete."""

import dataclasses

from serving.errors import OperationRefused
from serving.manifest import Manifest, Selection, Tombstone
from serving.repository.changes import Changes, age, now
from serving.repository.models import Models
from serving.repository.outcome import Outcome


class Operations:
    """Changes that an operator asks for; each can be repeated without harm."""

    def __init__(self, models: Models, changes: Changes) -> None:
        self._models = models
        self._changes = changes

    def pin(self, model: str, version: str) -> Outcome:
        """Make a version current until `unpin`, whatever arrives.

        Raises:
            OperationRefused: there is no such version.
        """
        with self._changes.lock(model):
            self._ready(model, version)
            passed = self._models.selection(model).rolled_back
            self._changes.select(
                model, Selection(version, tuple(v for v in passed if v != version))
            )
            return Outcome("pinned", model, version)

    def unpin(self, model: str) -> Outcome:
        """Let `current` move forward again, to the newest version that wasn't rolled back.

        Raises:
            OperationRefused: there is no such model.
        """
        with self._changes.lock(model):
            self._all_ready(model)
            chosen = self._models.selection(model)
            current = self._changes.select(model, dataclasses.replace(chosen, pinned=None))
            return Outcome("unpinned", model, current)

    def roll_back(self, model: str, version: str | None = None) -> Outcome:
        """Make an older version current; what is newer is passed over, and a new upload serves.

        Without `version` it is the newest one before the current.

        Raises:
            OperationRefused: there is no such version, none before, or the model is pinned.
        """
        with self._changes.lock(model):
            pinned = self._models.selection(model).pinned
            if pinned:
                raise OperationRefused(
                    f"{model!r} is pinned to version {pinned}; unpin it, or pin another."
                )
            target = self._ready(model, version) if version else self._before_current(model)
            newer = [m.version for m in self._all_ready(model) if age(m) > age(target)]
            self._changes.select(model, Selection(None, tuple(newer)))
            return Outcome("rolled_back", model, target.version)

    def delete(self, model: str, version: str | None = None) -> Outcome:
        """Withdraw one version, or all, though the objects are still in the bucket.

        Raises:
            OperationRefused: there is nothing to delete.
        """
        with self._changes.lock(model):
            gone = [self._ready(model, version)] if version else self._all_ready(model)
            names = [manifest.version for manifest in gone]
            for manifest in gone:
                origin, name = manifest.source, (manifest.version,)
                stone = Tombstone(origin.key, origin.version_id, origin.sequencer, now(), name)
                self._changes.bury(model, stone)
            self._changes.remove_versions(model, names)
            return Outcome("withdrawn", model, ", ".join(names))

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
