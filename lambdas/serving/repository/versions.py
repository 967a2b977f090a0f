"""The versions of a model, and the link to the one that serves."""

import dataclasses
from collections.abc import Collection
from pathlib import Path

from serving.records.manifest import MANIFEST, Manifest
from serving.records.uploads import Pending, Selection, Tombstone
from serving.records.verdicts import Prepared
from serving.repository import contents, files, reading
from serving.repository.candidates import Candidates
from serving.repository.clock import now
from serving.repository.model_reader import ModelReader
from serving.repository.rules import choose, kept
from serving.repository.upload_log import UploadLog


class Versions:
    """Adds and removes versions while the log's `lock` is held.

    Each step is one rename, and can be repeated.
    """

    def __init__(self, models: ModelReader, candidates: Candidates, log: UploadLog) -> None:
        self._models = models
        self._candidates = candidates
        self._log = log

    def move_into_place(self, pending: Pending, prepared: Prepared) -> None:
        """Turn a candidate into a version; raises `UploadRejected` if it isn't what was copied."""
        manifest = self._manifest(pending, prepared)
        folder = self._candidates.files(pending.candidate)
        # The manifest is there already when an earlier try was killed just after writing it. It
        # is written outside first, so that a kill leaves no temporary file beside the model's.
        made = self._adopt_compiled(pending, manifest, prepared)
        contents.verify(folder, pending.files, made=made)
        contents.share(folder, {*made, *(file.name for file in pending.files)})
        files.write_record(folder / MANIFEST, manifest, folder.parent)
        target = self._folder(pending.model, pending.version)
        files.make_folder(target.parent)
        files.sync_folder(folder)
        self._forget_rollback(pending.model, pending.version)
        folder.rename(target)
        files.sync_folder(target.parent)

    def complete(self, there: Manifest, pending: Pending, prepared: Prepared) -> None:
        """Add the files that `model.json` lists to a version that was one file so far.

        Or add the compiled form of a version that was prepared again; the one before stays beside
        it, since readers may have it open. A reader goes by the manifest, and finds the old one or
        the new one with all its files. Raises as `move_into_place` does.
        """
        manifest = self._manifest(pending, prepared)
        candidate = self._candidates.folder(pending.candidate)
        folder = self._candidates.files(pending.candidate)
        if pending.renews:
            manifest = dataclasses.replace(manifest, published_at=there.published_at)
        target = self._folder(pending.model, pending.version)
        reading.refresh(target)
        made = self._adopt_compiled(pending, manifest, prepared)
        contents.verify(folder, pending.files, made=made, moved_to=target)
        wanted = {*(file.name for file in pending.files), *made}
        contents.move(folder, target, wanted, there.names)
        contents.share(target, wanted)
        files.write_record(target / MANIFEST, manifest, via=candidate)

    def keep(self, manifest: Manifest) -> None:
        """Write a version's manifest anew, with the same files."""
        target = self._folder(manifest.model, manifest.version)
        files.write_record(target / MANIFEST, manifest, via=self._models.temporary)

    def move_forward(self, model: str, *, without: Collection[str] = ()) -> str | None:
        """Point `current` at the version to serve and return it; without any, remove the link."""
        manifests = [m for m in self._models.manifests(model) if m.version not in without]
        link = self._models.model(model).link
        if not manifests:
            link.unlink(missing_ok=True)
            return None
        wanted = choose(manifests, self._models.selection(model))
        if wanted != self._models.current(model):
            files.replace_link(link, f"versions/{wanted}", self._models.temporary)
        return wanted

    def select(self, model: str, selection: Selection) -> str | None:
        """Record an operator's selection, and move `current` accordingly."""
        self._log.write(self._models.model(model).selection, selection)
        return self.move_forward(model)

    def is_outdated(self, pending: Pending, retain: int) -> bool:
        """Whether this version would be pruned as soon as it was published."""
        rivals: list[Manifest | Pending] = [*self._models.manifests(pending.model), pending]
        selection = self._models.selection(pending.model)
        return pending.version not in kept(rivals, selection, retain)

    def prune(self, model: str, retain: int) -> None:
        """Keep the newest versions, `retain` of them, and the one that serves."""
        ready = self._models.manifests(model)
        keep = kept(ready, self._models.selection(model), retain)
        self.withdraw(model, [m for m in ready if m.version not in keep])

    def withdraw(self, model: str, manifests: list[Manifest], ordered_at: str = "") -> None:
        """Delete versions whose objects are still in the bucket, so that they stay deleted."""
        for manifest in manifests:
            self.bury(model, manifest, ordered_at)
        self.remove(model, [manifest.version for manifest in manifests])

    def bury(self, model: str, version: Manifest | Pending, ordered_at: str = "") -> None:
        """Write a tombstone for a version whose object is still in the bucket."""
        origin, names = version.source, (version.version,)
        stone = Tombstone(origin.key, origin.version_id, origin.sequencer, now(), names)
        self._log.bury(model, dataclasses.replace(stone, ordered_at=ordered_at))

    def remove(self, model: str, versions: list[str]) -> None:
        """Delete versions whole: each goes out of sight by a rename, once `current` has left it."""
        self._log.drop_rejected_duplicates(model, versions)
        self.move_forward(model, without=versions)
        for version in versions:
            bin_ = self._candidates.create()
            self._folder(model, version).rename(self._candidates.folder(bin_) / "removed")
            self._candidates.discard(bin_)

    def _adopt_compiled(self, pending: Pending, manifest: Manifest, prepared: Prepared) -> set[str]:
        """Put the compiled form, if there is one, beside the files, and return its name."""
        compilation = manifest.description.compilation
        if compilation is None or compilation.file is None:
            return set()
        self._candidates.adopt_compiled(
            pending.candidate, compilation.file, prepared.compiled_sha256
        )
        return {compilation.file}

    def _manifest(self, pending: Pending, prepared: Prepared) -> Manifest:
        # The preparer wrote there, which is another machine.
        for folder in (self._candidates.folder, self._candidates.files):
            reading.refresh(folder(pending.candidate))
        description = self._candidates.prepared_description(pending.candidate, prepared)
        return Manifest(
            model=pending.model,
            version=pending.version,
            published_at=now(),
            source=pending.source,
            files=pending.files,
            description=description,
            image=pending.image,
        )

    def _forget_rollback(self, model: str, version: str) -> None:
        """Strike a version off the rolled back ones: the new upload isn't the one that was."""
        selection = self._models.selection(model)
        if version in selection.rolled_back:
            left = tuple(name for name in selection.rolled_back if name != version)
            selection = dataclasses.replace(selection, rolled_back=left)
            self._log.write(self._models.model(model).selection, selection)

    def _folder(self, model: str, version: str) -> Path:
        return self._models.model(model).version(version)
