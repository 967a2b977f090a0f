"""Changes to the models: the only writer, one model at a time, each change one rename."""

import dataclasses
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from serving.errors import UploadRejected
from serving.manifest import Manifest, ModelFile, Pending, Refusal, Rejection, Source, Tombstone
from serving.naming import Order, digest, order
from serving.repository import files
from serving.repository.candidates import Candidates
from serving.repository.models import MANIFEST, REFUSED, Models

KEPT_REFUSALS = 100


def now() -> str:
    """Return the time of day for a record: UTC, ISO 8601, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an upload or a removal.

    Attributes:
        result: `activated`, `published` (an older one: `current` stays), `duplicate`, `rejected`,
            `refused` (the key names no model), `withdrawn`, `superseded` (its object was deleted
            meanwhile) or `unknown` (nothing here came of the deleted object).
    """

    result: str
    model: str | None
    version: str | None = None
    reason: str | None = None


class Repository:
    """The whole file system, as the loader sees it."""

    def __init__(self, root: Path) -> None:
        self._models_root = root / "models"
        self.candidates = Candidates(root / "candidates")
        self.models = Models(self._models_root)

    # What `stage` does.

    def announce(self, model: str, version: str, source: Source) -> Pending:
        """Open a candidate for this upload, and let readers know that it is on its way."""
        pending = Pending(model, version, self.candidates.create(), now(), source)
        files.write_record(self._record(model, "pending", version), pending)
        return pending

    def arrived(self, pending: Pending, copied: ModelFile) -> None:
        """Note what was copied, durably: `publish` goes by this record, not by what it is told."""
        files.sync_folder(self.candidates.files(pending.candidate))
        path = self._record(pending.model, "pending", pending.version)
        files.write_record(path, dataclasses.replace(pending, files=(copied,)))

    def published(self, model: str, version: str) -> Manifest | None:
        """Return the manifest of this version if it is there already."""
        return self.models.manifest(model, version)

    def is_withdrawn(self, model: str, source: Source) -> bool:
        """Whether this object was deleted after it was written."""
        folder = self.models.folder(model) / "withdrawn"
        return any(_buries(stone, source) for stone in files.read_records(folder, Tombstone))

    # What `publish` does.

    def publish(self, model: str, version: str, candidate: str, retain: int) -> Outcome:
        """Rename a prepared candidate into place and let `current` move forward to it.

        Raises:
            UploadRejected: the version exists with other content, or the candidate isn't what
                was uploaded.
        """
        with self._changing(model):
            pending = files.read_record(self._record(model, "pending", version), Pending)
            if pending is None or pending.candidate != candidate:
                self.candidates.discard(candidate)
                return Outcome("duplicate", model, version)
            if self.is_withdrawn(model, pending.source):
                self._forget(model, version)
                return Outcome("superseded", model, version)
            there = self.published(model, version)
            if there is None:
                self._move_into_place(pending)
            elif there.source != pending.source:
                raise immutable(model, version)
            result = "activated" if self._move_forward(model) == version else "published"
            self._forget(model, version)
            self._prune(model, retain)
            return Outcome(result, model, version)

    def reject(self, model: str, version: str, code: str, reason: str, source: Source) -> Outcome:
        """Record why an upload was refused, and drop what was copied. What served still serves."""
        with self._changing(model):
            version = self._announced_as(model, source) or version
            there = self.published(model, version)
            if there is not None and there.source.version_id == source.version_id:
                return Outcome("duplicate", model, version)
            self._forget(model, version)
            if self.is_withdrawn(model, source):
                return Outcome("superseded", model, version)
            rejection = Rejection(model, version, code, reason, now(), source)
            files.write_record(self._record(model, "rejected", version), rejection)
            return Outcome("rejected", model, version, reason)

    def withdraw(self, model: str, key: str, version_id: str | None, sequencer: str) -> Outcome:
        """Take out of service what came of a deleted object; the best of the rest takes over.

        A tombstone stays, even where nothing is known of the key yet: its create event can come
        after this one, and must not bring it back.
        """
        with self._changing(model):
            stone = Tombstone(key, version_id, sequencer, now())
            status = self.models.status(model)
            gone = [m.version for m in status.ready if _buries(stone, m.source)]
            arriving = [p.version for p in status.pending if _buries(stone, p.source)]
            refused = [r.version for r in status.rejected if _buries(stone, r.source)]
            stone = Tombstone(key, version_id, sequencer, stone.at, (*gone, *arriving, *refused))
            if not stone.versions and version_id is not None:
                return Outcome("unknown", model)
            name = digest(f"{key}\0{version_id or ''}")
            files.write_record(self._record(model, "withdrawn", name), stone)
            for version in (*arriving, *refused):
                self._forget(model, version)
            self._remove_versions(model, gone)
            return Outcome("withdrawn", model, ", ".join(stone.versions) or None)

    def refuse(self, key: str, code: str, reason: str) -> Outcome:
        """Record an upload whose key names no model; the oldest records make room."""
        folder = self._models_root / REFUSED
        files.write_record(folder / f"{digest(key)}.json", Refusal(key, code, reason, now()))
        kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-KEPT_REFUSALS]:
            path.unlink(missing_ok=True)
        return Outcome("refused", None, None, reason)

    def forgive(self, key: str) -> Outcome:
        """Drop such a record: the object is gone."""
        (self._models_root / REFUSED / f"{digest(key)}.json").unlink(missing_ok=True)
        return Outcome("unknown", None)

    # The steps, all under the model's lock.

    def _changing(self, model: str) -> AbstractContextManager[None]:
        return files.locked(self.models.folder(model) / ".lock")

    def _record(self, model: str, kind: str, name: str) -> Path:
        return self.models.folder(model) / kind / f"{name}.json"

    def _version_folder(self, model: str, version: str) -> Path:
        return self.models.folder(model) / "versions" / version

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

    def _move_into_place(self, pending: Pending) -> None:
        description = self.candidates.description(pending.candidate)
        manifest = Manifest(
            pending.model, pending.version, now(), pending.source, pending.files, description
        )
        folder = self.candidates.files(pending.candidate)
        # The manifest is there already when an earlier try was killed just after writing it.
        _check_holds_only(folder, {MANIFEST, *(file.name for file in pending.files)})
        files.write_record(folder / MANIFEST, manifest)
        target = self._version_folder(pending.model, pending.version)
        target.parent.mkdir(parents=True, exist_ok=True)
        files.sync_folder(folder)
        folder.rename(target)
        files.sync_folder(target.parent)

    def _move_forward(self, model: str, *, without: Collection[str] = ()) -> str | None:
        """Point `current` at the newest version; return it. Without any, there is no `current`."""
        manifests = [m for m in self.models.manifests(model) if m.version not in without]
        link = self.models.folder(model) / "current"
        if not manifests:
            link.unlink(missing_ok=True)
            return None
        newest = max(manifests, key=_age).version
        if newest != self.models.current(model):
            files.replace_link(link, f"versions/{newest}")
        return newest

    def _forget(self, model: str, version: str) -> None:
        """Drop the records of a version on its way or refused, and its candidate."""
        path = self._record(model, "pending", version)
        pending = files.read_record(path, Pending)
        if pending is not None:
            self.candidates.discard(pending.candidate)
        path.unlink(missing_ok=True)
        self._record(model, "rejected", version).unlink(missing_ok=True)

    def _prune(self, model: str, retain: int) -> None:
        """Keep the newest versions, `retain` of them; `current` is the newest."""
        newest = sorted(self.models.manifests(model), key=_age, reverse=True)
        self._remove_versions(model, [manifest.version for manifest in newest[retain:]])

    def _remove_versions(self, model: str, versions: list[str]) -> None:
        """Delete versions whole: out of sight by a rename, once `current` has left them."""
        self._move_forward(model, without=versions)
        for version in versions:
            bin_ = self.candidates.create()
            self._version_folder(model, version).rename(self.candidates.folder(bin_) / "removed")
            self.candidates.discard(bin_)


def immutable(model: str, version: str) -> UploadRejected:
    """Return the refusal of an upload over a version that exists with other content."""
    return UploadRejected(
        "VERSION_EXISTS",
        f"Version {version!r} of {model!r} exists with other content, and versions don't change. "
        "Upload it under a new version.",
    )


def _age(manifest: Manifest) -> Order:
    return order(manifest.version, manifest.source)


def _before(source: Source, tombstone: Tombstone) -> bool:
    """Whether the write came before the deletion of its key, by S3's sequencer."""
    return source.sequencer.ljust(32, "0") < tombstone.sequencer.ljust(32, "0")


def _buries(stone: Tombstone, source: Source) -> bool:
    if stone.key != source.key:
        return False
    if stone.version_id is not None:
        return stone.version_id == source.version_id
    return _before(source, stone)


def _check_holds_only(folder: Path, names: set[str]) -> None:
    """Model code could write into the candidate: take nothing but the regular files expected."""
    for entry in folder.iterdir():
        if entry.name not in names or entry.is_symlink() or not entry.is_file():
            raise UploadRejected(
                "CANDIDATE_TAMPERED",
                f"Loading the model left {entry.name!r:.80} beside it, which was not uploaded.",
            )
