"""The steps of which every change to a model is made. Each is one rename, and can be repeated."""

import dataclasses
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serving.records.manifest import MANIFEST, Manifest, Source
from serving.records.naming import digest
from serving.records.uploads import Pending, Selection, Tombstone
from serving.repository import contents, files, reading
from serving.repository.candidates import Candidates
from serving.repository.model_status import SELECTION, WAITING
from serving.repository.models import Models
from serving.repository.rules import choose, kept, moment

VERSION_EXISTS = "VERSION_EXISTS"
INCOMPLETE = "INCOMPLETE"


def now() -> str:
    """Return the time of day for a record: UTC, ISO 8601, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Changes:
    """Steps on one model at a time, while `lock` is held."""

    def __init__(self, models: Models, candidates: Candidates) -> None:
        self._models = models
        self._candidates = candidates

    def lock(self, model: str) -> AbstractContextManager[None]:
        """Keep every other writer of this model out."""
        return files.locked(self._models.folder(model) / ".lock")

    def record(self, model: str, kind: str, source: Source) -> Path:
        """Return where the record of this kind of this write lies."""
        return self._record(model, kind, source.key, source.version_id)

    def write(self, path: Path, record: Any) -> None:  # noqa: ANN401 (any dataclass)
        """Write a record durably and whole."""
        files.write_record(path, record, self._models.temporary)

    def pending(self, model: str, candidate: str) -> Pending | None:
        """Return the record of the upload that lies in this candidate."""
        folder = self._models.folder(model) / "pending"
        found = reading.read_records(folder, Pending)
        return next((pending for pending in found if pending.candidate == candidate), None)

    def move_into_place(self, pending: Pending) -> None:
        """Turn a candidate into a version; raises `UploadRejected` if it isn't what was copied."""
        manifest = self._manifest(pending)
        folder = self._candidates.files(pending.candidate)
        # The manifest is there already when an earlier try was killed just after writing it. It
        # is written outside first, so that a kill leaves no temporary file beside the model's.
        made = self._compiled(pending, manifest)
        contents.verify(folder, pending.files, made=made)
        contents.share(folder, {*made, *(file.name for file in pending.files)})
        files.write_record(folder / MANIFEST, manifest, folder.parent)
        target = self._version_folder(pending.model, pending.version)
        files.make_folder(target.parent)
        files.sync_folder(folder)
        self._forget_rollback(pending.model, pending.version)
        folder.rename(target)
        files.sync_folder(target.parent)

    def complete(self, there: Manifest, pending: Pending) -> None:
        """Add to a version that one file was alone so far what its `model.json` lists.

        A reader goes by the manifest, and finds the old one or the new one with all its files.
        Raises as `move_into_place` does.
        """
        manifest = self._manifest(pending)
        candidate = self._candidates.folder(pending.candidate)
        folder = self._candidates.files(pending.candidate)
        target = self._version_folder(pending.model, pending.version)
        made = self._compiled(pending, manifest)
        contents.verify(folder, pending.files, made=made, moved_to=target)
        wanted = {*(file.name for file in pending.files), *made}
        contents.move(folder, target, wanted, there.names)
        contents.share(target, wanted)
        files.write_record(target / MANIFEST, manifest, via=candidate)

    def _compiled(self, pending: Pending, manifest: Manifest) -> set[str]:
        """Put the compiled form, if there is one, beside the files, and return its name."""
        compilation = manifest.description.compilation
        if compilation is None or compilation.file is None:
            return set()
        self._candidates.adopt_compiled(pending.candidate, compilation.file)
        return {compilation.file}

    def _manifest(self, pending: Pending) -> Manifest:
        description = self._candidates.description(pending.candidate)
        return Manifest(
            pending.model, pending.version, now(), pending.source, pending.files, description
        )

    def move_forward(self, model: str, *, without: Collection[str] = ()) -> str | None:
        """Point `current` at the version to serve and return it; without any, remove it."""
        manifests = [m for m in self._models.manifests(model) if m.version not in without]
        link = self._models.folder(model) / "current"
        if not manifests:
            link.unlink(missing_ok=True)
            return None
        wanted = choose(manifests, self._models.selection(model))
        if wanted != self._models.current(model):
            files.replace_link(link, f"versions/{wanted}", self._models.temporary)
        return wanted

    def select(self, model: str, selection: Selection) -> str | None:
        """Write down what an operator wants to serve, and let it serve."""
        self.write(self._models.folder(model) / SELECTION, selection)
        return self.move_forward(model)

    def waiting(self, model: str, version: str) -> Path:
        """Return where it is written what a version waits for."""
        return self._models.folder(model) / WAITING / f"{version}.json"

    def drop_waiting(self, model: str, version: str) -> None:
        """Forget that a version waits, and that it once waited for too long."""
        self.waiting(model, version).unlink(missing_ok=True)
        for rejection in self._models.status(model).rejected:
            if rejection.code == INCOMPLETE and rejection.version == version:
                self.drop_rejected(model, rejection.source)

    def drop_pending(self, pending: Pending) -> None:
        """Drop the record of an upload on its way, and its candidate."""
        self._candidates.discard(pending.candidate)
        self.record(pending.model, "pending", pending.source).unlink(missing_ok=True)

    def drop_rejected(self, model: str, source: Source) -> None:
        """Drop the record of a refused upload."""
        self.record(model, "rejected", source).unlink(missing_ok=True)

    def drop_rejected_parts(self, pending: Pending) -> None:
        """Forget that files were refused, alone, which `model.json` lists."""
        listed = {file.etag for file in pending.files if file.etag}
        for rejection in self._models.status(pending.model).rejected:
            if rejection.version == pending.version and rejection.source.etag in listed:
                self.drop_rejected(pending.model, rejection.source)

    def bury(self, model: str, stone: Tombstone) -> None:
        """Keep in mind that an object was deleted.

        A key is deleted more than once: the latest deletion counts, in whatever order they are
        told, and what the others withdrew is still known.
        """
        path = self._tombstone(model, stone.key, stone.version_id)
        before = reading.read_record(path, Tombstone)
        if before is not None:
            versions = tuple(dict.fromkeys((*before.versions, *stone.versions)))
            ordered_at = max(before.ordered_at, stone.ordered_at)
            latest = max(before, stone, key=moment)
            stone = dataclasses.replace(latest, versions=versions, ordered_at=ordered_at)
        self.write(path, stone)

    def exhume(self, model: str, key: str) -> None:
        """Forget that a key was deleted."""
        self._tombstone(model, key, None).unlink(missing_ok=True)

    def is_outdated(self, pending: Pending, retain: int) -> bool:
        """Whether this version would be pruned as soon as it was there."""
        rivals: list[Manifest | Pending] = [*self._models.manifests(pending.model), pending]
        selection = self._models.selection(pending.model)
        return pending.version not in kept(rivals, selection, retain)

    def prune(self, model: str, retain: int) -> None:
        """Keep the newest versions, `retain` of them, and the one that serves."""
        ready = self._models.manifests(model)
        keep = kept(ready, self._models.selection(model), retain)
        self.withdraw_versions(model, [m for m in ready if m.version not in keep])

    def withdraw_versions(
        self, model: str, manifests: list[Manifest], ordered_at: str = ""
    ) -> None:
        """Delete versions whose objects are still there, so that they stay deleted."""
        for manifest in manifests:
            self.bury_version(model, manifest, ordered_at)
        self.remove_versions(model, [manifest.version for manifest in manifests])

    def bury_version(self, model: str, version: Manifest | Pending, ordered_at: str = "") -> None:
        """Let a version whose object is still there count as deleted."""
        origin, names = version.source, (version.version,)
        stone = Tombstone(origin.key, origin.version_id, origin.sequencer, now(), names)
        self.bury(model, dataclasses.replace(stone, ordered_at=ordered_at))

    def remove_versions(self, model: str, versions: list[str]) -> None:
        """Delete versions whole: out of sight by a rename, once `current` has left them."""
        self._lift_rejections(model, versions)
        self.move_forward(model, without=versions)
        for version in versions:
            bin_ = self._candidates.create()
            self._version_folder(model, version).rename(self._candidates.folder(bin_) / "removed")
            self._candidates.discard(bin_)

    def _lift_rejections(self, model: str, versions: Collection[str]) -> None:
        """Forget what was refused because one of these versions was there: it no longer is."""
        for rejection in self._models.status(model).rejected:
            if rejection.code == VERSION_EXISTS and rejection.version in versions:
                self.drop_rejected(model, rejection.source)

    def _forget_rollback(self, model: str, version: str) -> None:
        """What comes now was never rolled back, though another version had its name then."""
        selection = self._models.selection(model)
        if version in selection.rolled_back:
            left = tuple(name for name in selection.rolled_back if name != version)
            selection = dataclasses.replace(selection, rolled_back=left)
            self.write(self._models.folder(model) / SELECTION, selection)

    def _tombstone(self, model: str, key: str, version_id: str | None) -> Path:
        return self._record(model, "withdrawn", key, version_id)

    def _record(self, model: str, kind: str, key: str, version_id: str | None) -> Path:
        # Long enough that among a million writes of one model hardly any two share a name.
        name = digest(f"{key}\0{version_id or ''}", 16)
        return self._models.folder(model) / kind / f"{name}.json"

    def _version_folder(self, model: str, version: str) -> Path:
        return self._models.folder(model) / "versions" / version
