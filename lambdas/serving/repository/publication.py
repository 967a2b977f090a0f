"""The end of an upload: it is published, rejected, or withdrawn with its object."""

import dataclasses

from serving.errors import UploadRejected
from serving.records.manifest import Manifest, Source
from serving.records.uploads import INCOMPLETE, VERSION_EXISTS, Pending, Rejection, Tombstone
from serving.records.verdicts import Postponed, Prepared
from serving.repository import reading
from serving.repository.candidates import Candidates
from serving.repository.clock import now
from serving.repository.model_reader import ModelReader
from serving.repository.model_status import ModelStatus
from serving.repository.outcome import Outcome, Result
from serving.repository.renewal import Renewal
from serving.repository.rules import buries, can_complete, is_part_of, is_same_write, took_part
from serving.repository.upload_log import UploadLog
from serving.repository.versions import Versions


class Publication:
    """Acts on the verdict about an upload, and on the deletion of its object.

    Attributes:
        renewal: does so for versions that are prepared again.
    """

    def __init__(
        self, models: ModelReader, candidates: Candidates, log: UploadLog, versions: Versions
    ) -> None:
        self._models = models
        self._candidates = candidates
        self._log = log
        self._versions = versions
        self.renewal = Renewal(models, candidates, log, versions)

    def publish(
        self, model: str, version: str, candidate: str, retain: int, prepared: Prepared
    ) -> Outcome:
        """Publish a prepared candidate; raises as `Repository.publish` does."""
        with self._log.lock(model):
            pending = self._log.pending(model, candidate)
            if pending is None:
                self._candidates.discard(candidate)
                return Outcome("duplicate", model, version)
            there = self._models.manifest(model, version)
            is_new = there is None and not pending.renews
            if is_new and self._versions.is_outdated(pending, retain):
                self._versions.bury(model, pending)
            is_late = there is not None and is_part_of(there, pending.source)
            if is_late or self.is_withdrawn(model, pending.source):
                self._log.drop_pending(pending)
                return Outcome("superseded", model, version)
            if pending.renews:
                return self.renewal.finish(there, pending, prepared)
            self._add(there, pending, prepared)
            current = self._versions.move_forward(model)
            self._versions.prune(model, retain)
            self._log.drop_rejected(model, pending.source)
            self._log.drop_rejected_parts(pending)
            # Last of all: as long as it is pending, what was killed here is done again.
            self._log.drop_pending(pending)
            return Outcome("activated" if current == version else "published", model, version)

    def reject(self, model: str, version: str, code: str, reason: str, source: Source) -> Outcome:
        """Record why an upload was refused, and drop what was copied."""
        with self._log.lock(model):
            status = self._models.status(model)
            renewed = next(
                (p for p in status.pending if p.renews and is_same_write(p.source, source)), None
            )
            there = self._models.manifest(model, renewed.version) if renewed else None
            if renewed and there:
                return self.renewal.keep(there, renewed, reason)
            version = _known_version(status, source) or version
            result = self._reject(status, Rejection(model, version, code, reason, now(), source))
            for pending in status.pending:
                if is_same_write(pending.source, source):
                    self._log.drop_pending(pending)
            for waiting in status.waiting:
                is_it = is_same_write(waiting.source, source) or source.object_key.is_model_json
                if waiting.version == version and is_it and result == "rejected":
                    self._log.waiting_path(model, version).unlink(missing_ok=True)
            return Outcome(result, model, version, reason if result == "rejected" else None)

    def postpone(self, verdict: Postponed) -> Outcome:
        """Note that nobody goes on with an upload for now, so that reconcile begins it anew.

        One that was begun anew already, under another candidate, is left alone.
        """
        model, version = verdict.model, verdict.version
        path = self._log.pending_path(model, verdict.source)
        # A model of which nothing is known gets no folder by this.
        if path.exists():
            with self._log.lock(model):
                pending = reading.read_record(path, Pending)
                if pending is not None and verdict.candidate in ("", pending.candidate):
                    put_off = dataclasses.replace(pending, postponed=now(), reason=verdict.reason)
                    self._log.write(path, put_off)
                    return Outcome("postponed", model, version, verdict.reason)
        result: Result = "superseded" if verdict.candidate else "postponed"
        return Outcome(result, model, version, verdict.reason)

    def withdraw(
        self,
        model: str,
        key: str,
        version_id: str | None,
        sequencer: str,
        deleted_at: str,
        *,
        is_part: bool,
    ) -> Outcome:
        """Withdraw what came of a deleted object, as `Repository.withdraw` does."""
        with self._log.lock(model):
            stone = Tombstone(key, version_id, sequencer, now(), deleted_at=deleted_at)
            status = self._models.status(model)
            ready = [m for m in status.ready if buries(stone, m.source)]
            pending = [p for p in status.pending if buries(stone, p.source)]
            rejected = [r for r in status.rejected if buries(stone, r.source)]
            waiting = [w for w in status.waiting if buries(stone, w.source)]
            versions = (
                *(manifest.version for manifest in ready),
                *(upload.version for upload in pending),
                *(rejection.version for rejection in rejected),
                *(each.version for each in waiting),
            )
            if not versions and (version_id is not None or is_part):
                return Outcome("unknown", model)
            self._log.bury(model, dataclasses.replace(stone, versions=versions))
            for upload in pending:
                self._log.drop_pending(upload)
            for rejection in rejected:
                self._log.drop_rejected(model, rejection.source)
            for each in waiting:
                self._log.waiting_path(model, each.version).unlink(missing_ok=True)
            self._versions.remove(model, [manifest.version for manifest in ready])
            return Outcome("withdrawn", model, ", ".join(versions) or None)

    def is_withdrawn(self, model: str, source: Source) -> bool:
        """Whether this object was deleted after it was written."""
        stones = self._models.tombstones(model)
        return any(buries(stone, source) or took_part(stone, source) for stone in stones)

    def _add(self, there: Manifest | None, pending: Pending, prepared: Prepared) -> None:
        """Make the candidate a version, or a part of the version that is there."""
        digests = {file.name: file.sha256 for file in pending.files}
        if there is None:
            self._versions.move_into_place(pending, prepared)
        elif can_complete(there, pending.source, digests):
            self._versions.complete(there, pending, prepared)
        elif not there.source.has_same_content(pending.source):
            raise immutable(pending.model, pending.version)

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
        path = self._log.rejected_path(rejection.model, rejection.source)
        self._log.write(path, rejection)
        return "rejected"


def immutable(model: str, version: str) -> UploadRejected:
    """Return the refusal of an upload over a version that exists with other content."""
    return UploadRejected(
        VERSION_EXISTS,
        f"Version {version!r} of {model!r} exists with other content, and versions don't change. "
        "Upload it under a new version.",
    )


def _known_version(status: ModelStatus, source: Source) -> str | None:
    """Return the version under which this write is known.

    A `stage` that crashed leaves its caller with the event's time alone. It can differ from the
    object's time, and so can the version that is derived from it.
    """
    all_known: list[Manifest | Pending | Rejection]
    all_known = [*status.ready, *status.pending, *status.rejected]
    same = (known.version for known in all_known if is_same_write(known.source, source))
    return next(same, None)
