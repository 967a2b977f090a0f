"""The steps of which every change to a model is made. Each is one rename, and can be repeated."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from serving.errors import UploadRejected
from serving.manifest import Manifest, Pending, Selection, Source, Tombstone
from serving.naming import Order, digest, order
from serving.repository import files
from serving.repository.candidates import Candidates
from serving.repository.models import MANIFEST, SELECTION, Models


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
        # The manifest is there already when an earlier try was killed just after writing it.
        _check_holds_only(folder, {MANIFEST, *(file.name for file in pending.files)})
        files.write_record(folder / MANIFEST, manifest)
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

    def forget(self, model: str, version: str) -> None:
        """Drop the records of a version on its way or refused, and its candidate."""
        path = self.record(model, "pending", version)
        pending = files.read_record(path, Pending)
        if pending is not None:
            self._candidates.discard(pending.candidate)
        path.unlink(missing_ok=True)
        self.record(model, "rejected", version).unlink(missing_ok=True)

    def bury(self, model: str, stone: Tombstone) -> None:
        """Keep in mind that an object was deleted."""
        name = digest(f"{stone.key}\0{stone.version_id or ''}")
        files.write_record(self.record(model, "withdrawn", name), stone)

    def prune(self, model: str, retain: int) -> None:
        """Keep the newest versions, `retain` of them, and the one that serves."""
        newest = sorted(self._models.manifests(model), key=age, reverse=True)
        current = self._models.current(model)
        old = [manifest.version for manifest in newest[retain:] if manifest.version != current]
        self.remove_versions(model, old)

    def remove_versions(self, model: str, versions: list[str]) -> None:
        """Delete versions whole: out of sight by a rename, once `current` has left them."""
        self.move_forward(model, without=versions)
        for version in versions:
            bin_ = self._candidates.create()
            self._version_folder(model, version).rename(self._candidates.folder(bin_) / "removed")
            self._candidates.discard(bin_)

    def _version_folder(self, model: str, version: str) -> Path:
        return self._models.folder(model) / "versions" / version


def age(manifest: Manifest) -> Order:
    """Return the sort key of versions, oldest first."""
    return order(manifest.version, manifest.source)


def buries(stone: Tombstone, source: Source) -> bool:
    """Whether what this tombstone stands for deleted that write.

    A deleted key took what was written to it before, by S3's sequencer.
    """
    if stone.key != source.key:
        return False
    if stone.version_id is not None:
        return stone.version_id == source.version_id
    return source.sequencer.ljust(32, "0") < stone.sequencer.ljust(32, "0")


def choose(manifests: list[Manifest], selection: Selection) -> str:
    """Return the pinned version, or else the newest one that wasn't rolled back."""
    newest = [m.version for m in sorted(manifests, key=age, reverse=True)]
    if selection.pinned in newest:
        return selection.pinned
    return next((v for v in newest if v not in selection.rolled_back), newest[0])


def _check_holds_only(folder: Path, names: set[str]) -> None:
    """Model code could write into the candidate: take nothing but the regular files expected."""
    for entry in folder.iterdir():
        if entry.name not in names or entry.is_symlink() or not entry.is_file():
            raise UploadRejected(
                "CANDIDATE_TAMPERED",
                f"Loading the model left {entry.name!r:.80} beside it, which was not uploaded.",
            )
