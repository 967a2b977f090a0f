"""The steps of which every change to a model is made. Each is one rename, and can be repeated."""

import dataclasses
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from serving.errors import UploadRejected
from serving.manifest import Manifest, Pending, Selection, Tombstone
from serving.naming import digest
from serving.repository import files
from serving.repository.candidates import Candidates
from serving.repository.models import MANIFEST, SELECTION, Models
from serving.repository.rules import choose, kept, moment


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

    def record(self, model: str, kind: str, name: str) -> Path:
        """Return where a record of this kind lies."""
        return self._models.folder(model) / kind / f"{name}.json"

    def move_into_place(self, pending: Pending) -> None:
        """Turn a candidate into a version; raises `UploadRejected` if it isn't what was copied."""
        description = self._candidates.description(pending.candidate)
        manifest = Manifest(
            pending.model, pending.version, now(), pending.source, pending.files, description
        )
        folder = self._candidates.files(pending.candidate)
        # The manifest is there already when an earlier try was killed just after writing it. It
        # is written outside first, so that a kill leaves no temporary file beside the model's.
        compiled = self._candidates.adopt_compiled(pending.candidate, description)
        names = {file.name for file in pending.files}
        _check_holds(folder, names | ({compiled} if compiled else set()))
        files.write_record(folder / MANIFEST, manifest, folder.parent)
        target = self._version_folder(pending.model, pending.version)
        target.parent.mkdir(parents=True, exist_ok=True)
        files.sync_folder(folder)
        folder.rename(target)
        files.sync_folder(target.parent)

    def move_forward(self, model: str, *, without: Collection[str] = ()) -> str | None:
        """Point `current` at the version to serve and return it; without any, remove it."""
        manifests = [m for m in self._models.manifests(model) if m.version not in without]
        link = self._models.folder(model) / "current"
        if not manifests:
            link.unlink(missing_ok=True)
            return None
        wanted = choose(manifests, self._models.selection(model))
        if wanted != self._models.current(model):
            files.replace_link(link, f"versions/{wanted}")
        return wanted

    def select(self, model: str, selection: Selection) -> str | None:
        """Write down what an operator wants to serve, and let it serve."""
        files.write_record(self._models.folder(model) / SELECTION, selection)
        return self.move_forward(model)

    def drop_pending(self, pending: Pending) -> None:
        """Drop the record of an upload on its way, and its candidate."""
        self._candidates.discard(pending.candidate)
        self.record(pending.model, "pending", pending.version).unlink(missing_ok=True)

    def drop_rejected(self, model: str, version: str) -> None:
        """Drop the record of a refused upload."""
        self.record(model, "rejected", version).unlink(missing_ok=True)

    def bury(self, model: str, stone: Tombstone) -> None:
        """Keep in mind that an object was deleted.

        A key is deleted more than once: the latest deletion counts, in whatever order they are
        told, and what the others withdrew is still known.
        """
        path = self._tombstone(model, stone.key, stone.version_id)
        before = files.read_record(path, Tombstone)
        if before is not None:
            versions = tuple(dict.fromkeys((*before.versions, *stone.versions)))
            stone = dataclasses.replace(max(before, stone, key=moment), versions=versions)
        files.write_record(path, stone)

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

    def withdraw_versions(self, model: str, manifests: list[Manifest]) -> None:
        """Delete versions whose objects are still there, so that they stay deleted."""
        for manifest in manifests:
            self.bury_version(model, manifest)
        self.remove_versions(model, [manifest.version for manifest in manifests])

    def bury_version(self, model: str, version: Manifest | Pending) -> None:
        """Let a version whose object is still there count as deleted."""
        origin, names = version.source, (version.version,)
        stone = Tombstone(origin.key, origin.version_id, origin.sequencer, now(), names)
        self.bury(model, stone)

    def remove_versions(self, model: str, versions: list[str]) -> None:
        """Delete versions whole: out of sight by a rename, once `current` has left them."""
        self.move_forward(model, without=versions)
        self._forget_rollbacks(model, versions)
        for version in versions:
            bin_ = self._candidates.create()
            self._version_folder(model, version).rename(self._candidates.folder(bin_) / "removed")
            self._candidates.discard(bin_)

    def _forget_rollbacks(self, model: str, versions: Collection[str]) -> None:
        """Another upload may take the name of a version that is gone, and is not passed over."""
        selection = self._models.selection(model)
        passed = tuple(name for name in selection.rolled_back if name not in versions)
        if passed != selection.rolled_back:
            self.select(model, dataclasses.replace(selection, rolled_back=passed))

    def _tombstone(self, model: str, key: str, version_id: str | None) -> Path:
        return self.record(model, "withdrawn", digest(f"{key}\0{version_id or ''}"))

    def _version_folder(self, model: str, version: str) -> Path:
        return self._models.folder(model) / "versions" / version


def _check_holds(folder: Path, names: set[str]) -> None:
    """Model code could write into the candidate: take the regular files expected, and no other."""
    if folder.is_symlink() or not folder.is_dir():
        raise UploadRejected("CANDIDATE_TAMPERED", "The folder that was uploaded into is gone.")
    folders = {str(above) for name in names for above in PurePosixPath(name).parents}
    expected, missing = {*names, MANIFEST}, set(names)
    for path in _all_in(folder):
        name = path.relative_to(folder).as_posix()
        is_folder, is_file = path.is_dir() and name in folders, path.is_file() and name in expected
        if path.is_symlink() or not (is_folder or is_file):
            raise UploadRejected(
                "CANDIDATE_TAMPERED",
                f"Loading the model left {name!r:.80} beside it, which was not uploaded.",
            )
        missing.discard(name)
    if missing:
        raise UploadRejected(
            "CANDIDATE_TAMPERED", f"Loading the model took {min(missing)!r:.80} away."
        )


def _all_in(folder: Path) -> Iterator[Path]:
    """Yield all that lies in the folder; `rglob` would pass over what it fails to read."""
    for path in folder.iterdir():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _all_in(path)
