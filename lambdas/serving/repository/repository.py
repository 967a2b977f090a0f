"""The life of an upload: announced, arrived, published or rejected, withdrawn."""

import dataclasses
from pathlib import Path

from serving.errors import UploadRejected
from serving.manifest import Manifest, ModelFile, Pending, Refusal, Rejection, Source, Tombstone
from serving.naming import digest
from serving.repository import files
from serving.repository.candidates import Candidates
from serving.repository.changes import Changes, buries, now
from serving.repository.models import REFUSED, Models
from serving.repository.operations import Operations
from serving.repository.outcome import Outcome

KEPT_REFUSALS = 100


class Repository:
    """The whole file system, as the loader sees it.

    Attributes:
        candidates: what is on its way.
        models: what is published, to read.
        operations: what an operator can ask for.
    """

    def __init__(self, root: Path) -> None:
        self._models_root = root / "models"
        self.candidates = Candidates(root / "candidates")
        self.models = Models(self._models_root)
        self._changes = Changes(self.models, self.candidates)
        self.operations = Operations(self.models, self._changes)

    # What `stage` does.

    def announce(self, model: str, version: str, source: Source) -> Pending:
        """Open a candidate for this upload, and let readers know that it is on its way."""
        pending = Pending(model, version, self.candidates.create(), now(), source)
        files.write_record(self._changes.record(model, "pending", version), pending)
        return pending

    def arrived(self, pending: Pending, copied: ModelFile) -> None:
        """Note what was copied, durably: `publish` goes by this record, not by what it is told."""
        files.sync_folder(self.candidates.files(pending.candidate))
        path = self._changes.record(pending.model, "pending", pending.version)
        files.write_record(path, dataclasses.replace(pending, files=(copied,)))

    def published(self, model: str, version: str) -> Manifest | None:
        """Return the manifest of this version if it is there already."""
        return self.models.manifest(model, version)

    def is_withdrawn(self, model: str, source: Source) -> bool:
        """Whether this object was deleted after it was written."""
        folder = self.models.folder(model) / "withdrawn"
        return any(buries(stone, source) for stone in files.read_records(folder, Tombstone))

    # What `publish` does.

    def publish(self, model: str, version: str, candidate: str, retain: int) -> Outcome:
        """Rename a prepared candidate into place and let `current` move forward to it.

        Raises:
            UploadRejected: the version exists with other content, or the candidate isn't what
                was uploaded.
        """
        with self._changes.lock(model):
            pending = files.read_record(self._changes.record(model, "pending", version), Pending)
            if pending is None or pending.candidate != candidate:
                self.candidates.discard(candidate)
                return Outcome("duplicate", model, version)
            if self.is_withdrawn(model, pending.source):
                self._changes.forget(model, version)
                return Outcome("superseded", model, version)
            there = self.published(model, version)
            if there is None:
                self._changes.move_into_place(pending)
            elif there.source != pending.source:
                raise immutable(model, version)
            current = self._changes.move_forward(model)
            self._changes.forget(model, version)
            self._changes.prune(model, retain)
            return Outcome("activated" if current == version else "published", model, version)

    def reject(self, model: str, version: str, code: str, reason: str, source: Source) -> Outcome:
        """Record why an upload was refused, and drop what was copied. What served still serves."""
        with self._changes.lock(model):
            version = self._announced_as(model, source) or version
            there = self.published(model, version)
            if there is not None and there.source.version_id == source.version_id:
                return Outcome("duplicate", model, version)
            self._changes.forget(model, version)
            if self.is_withdrawn(model, source):
                return Outcome("superseded", model, version)
            rejection = Rejection(model, version, code, reason, now(), source)
            files.write_record(self._changes.record(model, "rejected", version), rejection)
            return Outcome("rejected", model, version, reason)

    def withdraw(self, model: str, key: str, version_id: str | None, sequencer: str) -> Outcome:
        """Take out of service what came of a deleted object; the best of the rest takes over.

        A tombstone stays, even where nothing is known of the key yet: its create event can come
        after this one, and must not bring it back.
        """
        with self._changes.lock(model):
            stone = Tombstone(key, version_id, sequencer, now())
            status = self.models.status(model)
            gone = [m.version for m in status.ready if buries(stone, m.source)]
            arriving = [p.version for p in status.pending if buries(stone, p.source)]
            refused = [r.version for r in status.rejected if buries(stone, r.source)]
            versions = (*gone, *arriving, *refused)
            if not versions and version_id is not None:
                return Outcome("unknown", model)
            self._changes.bury(model, dataclasses.replace(stone, versions=versions))
            for version in (*arriving, *refused):
                self._changes.forget(model, version)
            self._changes.remove_versions(model, gone)
            return Outcome("withdrawn", model, ", ".join(versions) or None)

    def _announced_as(self, model: str, source: Source) -> str | None:
        """Return the version under which this write is pending.

        A `stage` that crashed leaves its caller with the event's time alone, which can differ
        from the object's, and so does the version derived from it.
        """
        folder = self.models.folder(model) / "pending"
        for pending in files.read_records(folder, Pending):
            if (pending.source.key, pending.source.version_id) == (source.key, source.version_id):
                return pending.version
        return None

    # Keys that name no model.

    def refuse(self, key: str, code: str, reason: str) -> Outcome:
        """Record an upload whose key names no model; the oldest records make room."""
        folder = self._models_root / REFUSED
        files.write_record(folder / f"{digest(key)}.json", Refusal(key, code, reason, now()))
        kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-KEPT_REFUSALS]:
            path.unlink(missing_ok=True)
        return Outcome("refused", None, None, reason, key)

    def forgive(self, key: str) -> Outcome:
        """Drop such a record: the object is gone."""
        (self._models_root / REFUSED / f"{digest(key)}.json").unlink(missing_ok=True)
        return Outcome("unknown", None, key=key)


def immutable(model: str, version: str) -> UploadRejected:
    """Return the refusal of an upload over a version that exists with other content."""
    return UploadRejected(
        "VERSION_EXISTS",
        f"Version {version!r} of {model!r} exists with other content, and versions don't change. "
        "Upload it under a new version.",
    )
