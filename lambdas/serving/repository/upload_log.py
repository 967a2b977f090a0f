"""The records of a model's uploads: pending, waiting, rejected and withdrawn."""

import dataclasses
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serving.records.manifest import Source
from serving.records.uploads import INCOMPLETE, VERSION_EXISTS, Pending, Tombstone
from serving.repository import files, reading
from serving.repository.candidates import Candidates
from serving.repository.model_folder import record_name
from serving.repository.model_reader import ModelReader
from serving.repository.rules import moment


class UploadLog:
    """Writes and drops records while `lock` is held. Each step is one rename, and repeatable."""

    def __init__(self, models: ModelReader, candidates: Candidates) -> None:
        self._models = models
        self._candidates = candidates

    @contextmanager
    def lock(self, model: str) -> Iterator[None]:
        """Keep every other writer of this model out, and see all that they did."""
        folder = self._models.model(model)
        with files.locked(folder.lock):
            folder.refresh()
            yield

    def write(self, path: Path, record: Any) -> None:
        """Write a record durably and whole."""
        files.write_record(path, record, self._models.temporary)

    def pending_path(self, model: str, source: Source) -> Path:
        """Return the path of the record of a write that is on its way."""
        return self._models.model(model).pending / record_name(source.key, source.version_id)

    def rejected_path(self, model: str, source: Source) -> Path:
        """Return the path of the record of a write that was refused."""
        return self._models.model(model).rejected / record_name(source.key, source.version_id)

    def waiting_path(self, model: str, version: str) -> Path:
        """Return the path of the record of an incomplete version."""
        return self._models.model(model).waiting / f"{version}.json"

    def pending(self, model: str, candidate: str) -> Pending | None:
        """Return the record of the upload that lies in this candidate."""
        found = reading.read_records(self._models.model(model).pending, Pending)
        return next((pending for pending in found if pending.candidate == candidate), None)

    def drop_pending(self, pending: Pending) -> None:
        """Drop the record of an upload on its way, and its candidate."""
        self._candidates.discard(pending.candidate)
        self.pending_path(pending.model, pending.source).unlink(missing_ok=True)

    def drop_waiting(self, model: str, version: str) -> None:
        """Drop the record that a version waits, and the rejection for waiting too long."""
        self.waiting_path(model, version).unlink(missing_ok=True)
        for rejection in self._models.status(model).rejected:
            if rejection.code == INCOMPLETE and rejection.version == version:
                self.drop_rejected(model, rejection.source)

    def drop_rejected(self, model: str, source: Source) -> None:
        """Drop the record of a refused upload."""
        self.rejected_path(model, source).unlink(missing_ok=True)

    def drop_rejected_parts(self, pending: Pending) -> None:
        """Drop the rejections of single files that the upload's `model.json` lists."""
        listed = {file.etag for file in pending.files if file.etag}
        for rejection in self._models.status(pending.model).rejected:
            if rejection.version == pending.version and rejection.source.etag in listed:
                self.drop_rejected(pending.model, rejection.source)

    def drop_rejected_duplicates(self, model: str, versions: Collection[str]) -> None:
        """Drop the rejections of uploads over these versions, which exist no longer."""
        for rejection in self._models.status(model).rejected:
            if rejection.code == VERSION_EXISTS and rejection.version in versions:
                self.drop_rejected(model, rejection.source)

    def bury(self, model: str, stone: Tombstone) -> None:
        """Write the tombstone of a deleted object.

        A key is deleted more than once, and events come in any order. The latest deletion counts,
        and the versions that the others withdrew stay on the list.
        """
        path = self._tombstone_path(model, stone.key, stone.version_id)
        before = reading.read_record(path, Tombstone)
        if before is not None:
            versions = tuple(dict.fromkeys((*before.versions, *stone.versions)))
            ordered_at = max(before.ordered_at, stone.ordered_at)
            latest = max(before, stone, key=moment)
            stone = dataclasses.replace(latest, versions=versions, ordered_at=ordered_at)
        self.write(path, stone)

    def exhume(self, model: str, key: str) -> None:
        """Drop the tombstone of a key."""
        self._tombstone_path(model, key, None).unlink(missing_ok=True)

    def _tombstone_path(self, model: str, key: str, version_id: str | None) -> Path:
        return self._models.model(model).withdrawn / record_name(key, version_id)
