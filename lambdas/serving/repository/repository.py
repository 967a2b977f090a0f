"""The life of an upload: announced, arrived, published or rejected, withdrawn."""

import dataclasses
from pathlib import Path
from typing import Self

from serving.errors import UploadRejected
from serving.records.manifest import Manifest, ModelFile, Source
from serving.records.naming import digest
from serving.records.object_keys import is_model_json
from serving.records.uploads import Pending, Refusal, Rejection, Tombstone
from serving.repository import files, reading
from serving.repository.assembly import Assembly
from serving.repository.candidates import SWEEP_AFTER_SECONDS, Candidates
from serving.repository.changes import INCOMPLETE, VERSION_EXISTS, Changes, now
from serving.repository.model_status import REFUSED, ModelStatus
from serving.repository.models import Models
from serving.repository.operations import Operations
from serving.repository.outcome import Outcome, Result
from serving.repository.rules import (
    buries,
    can_complete,
    choose,
    is_ordered_away,
    is_part_of,
    is_same_write,
    took_part,
)

KEPT_REFUSALS = 100


class Repository:
    """The whole file system, as the loader sees it.

    Attributes:
        candidates: what is on its way.
        models: what is published, to read.
        operations: what an operator can ask for.
        assembly: versions of many files that aren't complete yet.
    """

    def __init__(self, root: Path) -> None:
        self._models_root = root / "models"
        self.candidates = Candidates(root / "candidates")
        self.models = Models(self._models_root)
        self._changes = Changes(self.models, self.candidates)
        self.operations = Operations(self.models, self._changes)
        self.assembly = Assembly(self.models, self._changes)

    @classmethod
    def laid_out(cls, root: Path) -> Self:
        """Return a repository whose two folders are there.

        On AWS one is the root of the preparer's access point, which can't be mounted before.
        """
        repository = cls(root)
        files.make_folder(repository._models_root)
        repository.candidates.lay_out()
        return repository

    # What `stage` does.

    def announce(self, model: str, version: str, source: Source, cause: str = "") -> Pending:
        """Open a candidate for this upload, and let readers know that it is on its way."""
        with self._changes.lock(model):
            candidate = self.candidates.create()
            pending = Pending(model, version, candidate, now(), source, cause=cause)
            self._changes.write(self._changes.record(model, "pending", source), pending)
            if is_model_json(source.key):
                self._changes.drop_waiting(model, version)
            return pending

    def arrived(self, pending: Pending, *copied: ModelFile) -> None:
        """Note what was copied, durably: `publish` goes by this record, not by what it is told.

        The file to load comes first.
        Meanwhile the object can have been deleted, or announced anew; then there is nothing to
        note, and `publish` will drop this candidate.
        """
        files.sync_folder(self.candidates.files(pending.candidate))
        path = self._changes.record(pending.model, "pending", pending.source)
        with self._changes.lock(pending.model):
            if reading.read_record(path, Pending) == pending:
                self._changes.write(path, dataclasses.replace(pending, files=copied))

    def published(self, model: str, version: str) -> Manifest | None:
        """Return the manifest of this version if it is there already."""
        return self.models.manifest(model, version)

    def is_withdrawn(self, model: str, source: Source) -> bool:
        """Whether this object was deleted after it was written."""
        folder = self.models.folder(model) / "withdrawn"
        stones = reading.read_records(folder, Tombstone)
        return any(buries(stone, source) or took_part(stone, source) for stone in stones)

    def abandon(self, pending: Pending) -> None:
        """Drop an upload that nobody goes on with; if it was announced anew, what it had copied."""
        with self._changes.lock(pending.model):
            if self._changes.pending(pending.model, pending.candidate):
                self._changes.drop_pending(pending)
            else:
                self.candidates.discard(pending.candidate)

    # What `publish` does.

    def publish(self, model: str, version: str, candidate: str, retain: int) -> Outcome:
        """Rename a prepared candidate into place and let `current` move forward to it.

        Raises:
            UploadRejected: the version exists with other content, or the candidate isn't what
                was uploaded.
        """
        with self._changes.lock(model):
            pending = self._changes.pending(model, candidate)
            if pending is None:
                self.candidates.discard(candidate)
                return Outcome("duplicate", model, version)
            there = self.published(model, version)
            if there is None and self._changes.is_outdated(pending, retain):
                self._changes.bury_version(model, pending)
            is_late = there is not None and is_part_of(there, pending.source)
            if is_late or self.is_withdrawn(model, pending.source):
                self._changes.drop_pending(pending)
                return Outcome("superseded", model, version)
            digests = {file.name: file.sha256 for file in pending.files}
            if there is None:
                self._changes.move_into_place(pending)
            elif can_complete(there, pending.source, digests):
                self._changes.complete(there, pending)
            elif not there.source.has_same_content(pending.source):
                raise immutable(model, version)
            current = self._changes.move_forward(model)
            self._changes.prune(model, retain)
            self._changes.drop_rejected(model, pending.source)
            self._changes.drop_rejected_parts(pending)
            # Last of all: as long as it is pending, what was killed here is done again.
            self._changes.drop_pending(pending)
            return Outcome("activated" if current == version else "published", model, version)

    def reject(self, model: str, version: str, code: str, reason: str, source: Source) -> Outcome:
        """Record why an upload was refused, and drop what was copied. What served still serves."""
        with self._changes.lock(model):
            status = self.models.status(model)
            version = _known_as(status, source) or version
            result = self._reject(status, Rejection(model, version, code, reason, now(), source))
            for pending in status.pending:
                if is_same_write(pending.source, source):
                    self._changes.drop_pending(pending)
            for waiting in status.waiting:
                is_it = is_same_write(waiting.source, source) or is_model_json(source.key)
                if waiting.version == version and is_it and result == "rejected":
                    self._changes.waiting(model, version).unlink(missing_ok=True)
            return Outcome(result, model, version, reason if result == "rejected" else None)

    def _reject(self, status: ModelStatus, rejection: Rejection) -> Result:
        if any(is_same_write(manifest.source, rejection.source) for manifest in status.ready):
            return "duplicate"
        if any(buries(stone, rejection.source) for stone in status.withdrawn):
            return "superseded"
        ready = {manifest.version for manifest in status.ready}
        if rejection.code == VERSION_EXISTS and rejection.version not in ready:
            return "superseded"
        waits = any(each.source == rejection.source for each in status.waiting)
        if rejection.code == INCOMPLETE and not waits:
            return "superseded"
        path = self._changes.record(rejection.model, "rejected", rejection.source)
        self._changes.write(path, rejection)
        return "rejected"

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

        A tombstone stays, even where nothing is known of the key yet: its create event can come
        after this one, and must not bring it back. Except for what is only a part of a version.
        """
        with self._changes.lock(model):
            stone = Tombstone(key, version_id, sequencer, now(), deleted_at=deleted_at)
            status = self.models.status(model)
            gone = [m.version for m in status.ready if buries(stone, m.source)]
            arriving = [p for p in status.pending if buries(stone, p.source)]
            refused = [r for r in status.rejected if buries(stone, r.source)]
            waiting = [w for w in status.waiting if buries(stone, w.source)]
            versions = (
                *gone,
                *(pending.version for pending in arriving),
                *(rejection.version for rejection in refused),
                *(each.version for each in waiting),
            )
            if not versions and (version_id is not None or is_part):
                return Outcome("unknown", model)
            self._changes.bury(model, dataclasses.replace(stone, versions=versions))
            for pending in arriving:
                self._changes.drop_pending(pending)
            for rejection in refused:
                self._changes.drop_rejected(model, rejection.source)
            for each in waiting:
                self._changes.waiting(model, each.version).unlink(missing_ok=True)
            self._changes.remove_versions(model, gone)
            return Outcome("withdrawn", model, ", ".join(versions) or None)

    def is_ordered_away(self, model: str, source: Source) -> bool:
        """Whether the version that this object is for was deleted after it was written.

        By an operator, or by deleting its `model.json`.
        """
        folder = self.models.folder(model) / "withdrawn"
        stones = reading.read_records(folder, Tombstone)
        return any(is_ordered_away(stone, source) or took_part(stone, source) for stone in stones)

    def exhume(self, model: str, key: str) -> None:
        """Forget that a key was deleted: the bucket has it again."""
        with self._changes.lock(model):
            self._changes.exhume(model, key)

    def misdirected(self, model: str) -> bool:
        """Whether `current` isn't where it should be: a publisher was killed before it moved it."""
        manifests = self.models.manifests(model)
        wanted = choose(manifests, self.models.selection(model)) if manifests else None
        return self.models.current(model) != wanted

    def redirect(self, model: str) -> None:
        """Move `current` where it should be."""
        with self._changes.lock(model):
            self._changes.move_forward(model)

    def leftovers(self) -> list[str]:
        """List what was begun more than a day ago and never finished: its writers were killed."""
        temporary = files.stale(self.models.temporary, SWEEP_AFTER_SECONDS)
        return [*self.candidates.stale(), *(path.name for path in temporary)]

    def sweep(self, older_than: float = SWEEP_AFTER_SECONDS) -> None:
        """Delete what has lain untouched for so many seconds: no writer takes that long."""
        self.candidates.sweep(older_than)
        for path in files.stale(self.models.temporary, older_than):
            files.remove(path)

    # Keys that name no model.

    def refuse(self, key: str, code: str, reason: str) -> Outcome:
        """Record an upload whose key names no model; the oldest records make room."""
        folder = self._models_root / REFUSED
        self._changes.write(folder / f"{digest(key)}.json", Refusal(key, code, reason, now()))
        kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-KEPT_REFUSALS]:
            path.unlink(missing_ok=True)
        return Outcome("refused", None, None, reason, key)

    def forgive(self, key: str) -> Outcome:
        """Drop such a record: the object is gone."""
        (self._models_root / REFUSED / f"{digest(key)}.json").unlink(missing_ok=True)
        return Outcome("unknown", None, key=key)


def _known_as(status: ModelStatus, source: Source) -> str | None:
    """Return the version under which this write is known.

    A `stage` that crashed leaves its caller with the event's time alone, which can differ
    from the object's, and so does the version derived from it.
    """
    all_known: list[Manifest | Pending | Rejection]
    all_known = [*status.ready, *status.pending, *status.rejected]
    same = (known.version for known in all_known if is_same_write(known.source, source))
    return next(same, None)


def immutable(model: str, version: str) -> UploadRejected:
    """Return the refusal of an upload over a version that exists with other content."""
    return UploadRejected(
        VERSION_EXISTS,
        f"Version {version!r} of {model!r} exists with other content, and versions don't change. "
        "Upload it under a new version.",
    )
