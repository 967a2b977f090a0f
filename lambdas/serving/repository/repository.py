"""The model repository as the loader sees it: uploads arrive, are published, and are withdrawn."""

import dataclasses
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from serving.records.manifest import Manifest, ModelFile, Source
from serving.records.uploads import Pending
from serving.records.verdicts import Postponed, Prepared
from serving.repository import contents, files, reading, renewal
from serving.repository.assembly import Assembly
from serving.repository.candidates import SWEEP_AFTER_SECONDS, Candidates
from serving.repository.clock import now
from serving.repository.model_reader import ModelReader
from serving.repository.operations import Operations
from serving.repository.outcome import Outcome
from serving.repository.publication import Publication
from serving.repository.refused_keys import RefusedKeys
from serving.repository.rules import choose, is_ordered_away, took_part
from serving.repository.upload_log import UploadLog
from serving.repository.versions import Versions

RECONCILE_LOCK = ".reconcile.lock"


class Repository:
    """The whole file system, for the loader.

    Args:
        image: names the image in which uploads are prepared; empty where that isn't known.

    Attributes:
        candidates: the uploads on their way.
        models: the published models, for reading.
        operations: the changes that an operator can ask for.
        assembly: the versions of many files that aren't complete yet.
    """

    def __init__(self, root: Path, image: str = "") -> None:
        self._image = image
        self.candidates = Candidates(root / "candidates")
        self.models = ModelReader(root / "models")
        self._log = UploadLog(self.models, self.candidates)
        self._versions = Versions(self.models, self.candidates, self._log)
        self._publication = Publication(self.models, self.candidates, self._log, self._versions)
        self._refused_keys = RefusedKeys(root / "models", self.models.temporary)
        self.operations = Operations(self.models, self._log, self._versions)
        self.assembly = Assembly(self.models, self._log)

    @classmethod
    def laid_out(cls, root: Path, image: str = "") -> Self:
        """Return a repository whose two folders are there.

        On AWS one is the root of the preparer's access point, which can't be mounted before.
        """
        repository = cls(root, image)
        files.make_folder(root / "models")
        repository.candidates.lay_out()
        return repository

    # For `stage`.

    def announce(self, model: str, version: str, source: Source, cause: str = "") -> Pending:
        """Open a candidate for this upload, and let readers know that it is on its way."""
        with self._log.lock(model):
            candidate = self.candidates.create()
            pending = Pending(
                model, version, candidate, now(), source, cause=cause, image=self._image
            )
            self._log.write(self._log.pending_path(model, source), pending)
            if source.object_key.is_model_json:
                self._log.drop_waiting(model, version)
            return pending

    def arrived(self, pending: Pending, *copied: ModelFile) -> None:
        """Record the copied files durably: `publish` goes by this record, not by its caller.

        Meanwhile the object can have been deleted, or announced anew. Then nothing is recorded,
        and `publish` will drop this candidate.

        Args:
            copied: the files; the one to load comes first.
        """
        folder = self.candidates.files(pending.candidate)
        # The preparer reads them as another user of the group, whatever the umask.
        contents.share(folder, {file.name for file in copied})
        files.sync_folder(folder)
        path = self._log.pending_path(pending.model, pending.source)
        with self._log.lock(pending.model):
            if reading.read_record(path, Pending) == pending:
                self._log.write(path, dataclasses.replace(pending, files=copied))

    def abandon(self, pending: Pending) -> None:
        """Drop an upload that nobody goes on with; if it was announced anew, its old candidate."""
        with self._log.lock(pending.model):
            if self._log.pending(pending.model, pending.candidate):
                self._log.drop_pending(pending)
            else:
                self.candidates.discard(pending.candidate)

    def published(self, model: str, version: str) -> Manifest | None:
        """Return the manifest of this version if it is there already."""
        return self.models.manifest(model, version)

    def is_withdrawn(self, model: str, source: Source) -> bool:
        """Whether this object was deleted after it was written."""
        return self._publication.is_withdrawn(model, source)

    # For `publish`.

    def publish(
        self, model: str, version: str, candidate: str, retain: int, prepared: Prepared
    ) -> Outcome:
        """Rename a prepared candidate into place and let `current` move forward to it.

        Args:
            prepared: identifies the preparer's result; nothing else is published.

        Raises:
            UploadRejected: the version exists with other content, or the candidate isn't what
                was uploaded.
        """
        return self._publication.publish(model, version, candidate, retain, prepared)

    def reject(self, model: str, version: str, code: str, reason: str, source: Source) -> Outcome:
        """Record why an upload was refused, and drop what was copied. What served still serves."""
        return self._publication.reject(model, version, code, reason, source)

    def postpone(self, verdict: Postponed) -> Outcome:
        """Leave an upload pending, for reconcile to begin it anew."""
        return self._publication.postpone(verdict)

    def withdraw(
        self,
        model: str,
        key: str,
        version_id: str | None,
        sequencer: str,
        deleted_at: str = "",
        *,
        is_part: bool = False,
    ) -> Outcome:
        """Take out of service what came of a deleted object; the best of the rest takes over.

        A tombstone stays, even where nothing is known of the key yet. Its create event can come
        after this one, and must not bring it back.

        Args:
            is_part: the object can only be a part of a version; where nothing is known of it, no
                tombstone is written.
        """
        return self._publication.withdraw(
            model, key, version_id, sequencer, deleted_at, is_part=is_part
        )

    def refuse(self, key: str, code: str, reason: str) -> Outcome:
        """Record an upload whose key names no model; the oldest records make room."""
        return self._refused_keys.refuse(key, code, reason)

    def forgive(self, key: str) -> Outcome:
        """Drop the record of a key that names no model: the object is gone."""
        return self._refused_keys.forgive(key)

    # For `reconcile`.

    def is_announced(self, model: str, source: Source) -> bool:
        """Whether this write has a record of being on its way."""
        return self._log.pending_path(model, source).exists()

    def is_under_way(self, pending: Pending) -> bool:
        """Whether this very upload is still in somebody's hand."""
        path = self._log.pending_path(pending.model, pending.source)
        found = reading.read_record(path, Pending)
        return found is not None and found.candidate == pending.candidate and not found.postponed

    def is_due(self, manifest: Manifest) -> bool:
        """Whether a version is to be prepared again, in the image of today."""
        return renewal.is_due(manifest, self._image)

    def renew(self, manifest: Manifest) -> Pending | None:
        """Open a candidate with a version's files; None where the version is gone."""
        return self._publication.renewal.begin(manifest, self._image)

    def alone(self) -> AbstractContextManager[bool]:
        """Keep other runs of reconcile out; false where one is going on."""
        return files.locked_if_free(self.models.temporary.parent / RECONCILE_LOCK)

    def is_ordered_away(self, model: str, source: Source) -> bool:
        """Whether the version that this object is for was deleted after it was written.

        An operator deleted it, or its `model.json` was deleted.
        """
        stones = self.models.tombstones(model)
        return any(is_ordered_away(stone, source) or took_part(stone, source) for stone in stones)

    def exhume(self, model: str, key: str) -> None:
        """Forget that a key was deleted: the bucket has it again."""
        with self._log.lock(model):
            self._log.exhume(model, key)

    def misdirected(self, model: str) -> bool:
        """Whether `current` isn't where it should be: a publisher was killed before it moved it."""
        manifests = self.models.manifests(model)
        wanted = choose(manifests, self.models.selection(model)) if manifests else None
        return self.models.current(model) != wanted

    def redirect(self, model: str) -> None:
        """Move `current` to where it should be."""
        with self._log.lock(model):
            self._versions.move_forward(model)

    def leftovers(self) -> list[str]:
        """List what was begun more than a day ago and never finished: its writers were killed."""
        temporary = files.stale(self.models.temporary, SWEEP_AFTER_SECONDS)
        return [*self.candidates.stale(), *(path.name for path in temporary)]

    def sweep(self, older_than: float = SWEEP_AFTER_SECONDS) -> None:
        """Delete what has lain untouched for so many seconds: no writer takes that long."""
        self.candidates.sweep(older_than)
        for path in files.stale(self.models.temporary, older_than):
            files.remove(path)
