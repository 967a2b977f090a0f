"""Published versions that are prepared again, because the deployment's image is another one."""

import dataclasses
import os
import shutil

from serving.records.manifest import Description, Manifest
from serving.records.uploads import Pending
from serving.records.verdicts import Prepared
from serving.repository import files, reading
from serving.repository.candidates import Candidates
from serving.repository.clock import now
from serving.repository.model_reader import ModelReader
from serving.repository.outcome import Outcome
from serving.repository.upload_log import UploadLog
from serving.repository.versions import Versions

NOT_COMPILED = "It was compiled before, and isn't in this image: {}"


class Renewal:
    """Prepares versions again. What serves goes on serving meanwhile, and where that fails."""

    def __init__(
        self, models: ModelReader, candidates: Candidates, log: UploadLog, versions: Versions
    ) -> None:
        self._models = models
        self._candidates = candidates
        self._log = log
        self._versions = versions

    def begin(self, manifest: Manifest, image: str) -> Pending | None:
        """Copy a version's files into a candidate; None where the version is gone by now.

        They are copied and never linked, since model code can write to a candidate.
        """
        model, version = manifest.model, manifest.version
        with self._log.lock(model):
            if self._models.manifest(model, version) != manifest:
                return None
            path = self._log.pending_path(model, manifest.source)
            before = reading.read_record(path, Pending)
            if before is not None:  # a try that was killed
                self._log.drop_pending(before)
            pending = Pending(
                model=model,
                version=version,
                candidate=self._candidates.create(),
                since=now(),
                source=manifest.source,
                files=manifest.files,
                image=image,
                renews=True,
            )
            self._log.write(path, pending)
        try:
            self._copy(pending)
        except FileNotFoundError:  # it was pruned or deleted meanwhile
            with self._log.lock(model):
                self._log.drop_pending(pending)
            return None
        return pending

    def finish(self, there: Manifest | None, pending: Pending, prepared: Prepared) -> Outcome:
        """Take over what the preparer found, while the lock is held.

        Raises:
            UploadRejected: the candidate isn't what was copied.
            RecordError: the preparer left no description.
        """
        if there is None:
            self._log.drop_pending(pending)
            return Outcome("superseded", pending.model, pending.version)
        found = self._candidates.prepared_description(pending.candidate, prepared)
        if _is_compiled(there.description) and not _is_compiled(found):
            why = found.compilation.reason if found.compilation else "compiling is off"
            return self.keep(there, pending, NOT_COMPILED.format(why))
        self._versions.complete(there, pending, prepared)
        self._log.drop_pending(pending)
        return Outcome("renewed", pending.model, pending.version)

    def keep(self, there: Manifest, pending: Pending, reason: str) -> Outcome:
        """Leave a version as it was prepared before, while the lock is held."""
        kept = dataclasses.replace(there, kept_in=pending.image, kept_because=reason)
        self._versions.keep(kept)
        self._log.drop_pending(pending)
        return Outcome("kept", pending.model, pending.version, reason)

    def _copy(self, pending: Pending) -> None:
        source = self._models.model(pending.model).version(pending.version)
        target = self._candidates.files(pending.candidate)
        for file in pending.files:
            path = target / file.name
            files.make_folder(path.parent)
            with (source / file.name).open("rb") as before, path.open("xb") as copy:
                shutil.copyfileobj(before, copy)
                copy.flush()
                os.fsync(copy.fileno())
            files.share(path)


def is_due(manifest: Manifest, image: str) -> bool:
    """Whether a version is to be prepared again in this image; never where that isn't known."""
    return bool(image) and image not in (manifest.image, manifest.kept_in)


def _is_compiled(description: Description) -> bool:
    compilation = description.compilation
    return compilation is not None and compilation.file is not None
