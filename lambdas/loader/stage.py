"""What happens to each object that S3 reports: copied into a candidate, or refused."""

import logging
from typing import TYPE_CHECKING

from loader import archive, transfer, version_folder
from loader.file_set import FileSets
from loader.records import ObjectEvent
from serving.errors import UploadRejected
from serving.formats.model_formats import check_extension, is_archive, is_part
from serving.records.manifest import ModelFile, Source
from serving.records.object_keys import MODEL_JSON, ObjectName, parse_key
from serving.records.uploads import Pending
from serving.records.verdicts import Candidate, Refused, Rejected, Removed, Verdict
from serving.repository.publication import immutable
from serving.repository.repository import Repository
from serving.repository.rules import is_part_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)


class Stager:
    """Copies uploads from the bucket to the file system."""

    def __init__(self, s3: "S3Client", repository: Repository, max_model_bytes: int) -> None:
        self._s3 = s3
        self._repository = repository
        self._max_model_bytes = max_model_bytes
        self._file_sets = FileSets(s3, repository, max_model_bytes)

    def judge(self, event: ObjectEvent) -> Verdict | None:
        """Return the verdict on one event; None when there is nothing to do about it."""
        if event.is_removal:
            return Removed(event.key, event.removed_version_id, event.sequencer, event.time)
        try:
            name = parse_key(event.key)
        except UploadRejected as error:
            logger.warning("refused %r: %s", event.key, error)
            return Refused(event.key, error.rejection_code, str(error))
        if name.version is not None:
            folder = version_folder.look(self._s3, event)
            if folder.model_json is not None:
                return self._file_sets.judge(name, event, folder, folder.model_json)
            if is_part(name) or name.filename == MODEL_JSON:
                self._file_sets.wait(name, event, folder)
                return None
        return self._judge_alone(name, event)

    def _judge_alone(self, name: ObjectName, event: ObjectEvent) -> Verdict | None:
        source = event.source
        try:
            source = transfer.inspect(self._s3, event)
            return self._stage(name, source)
        except UploadRejected as error:
            logger.warning("rejected %r: %s", event.key, error)
            version = name.version_of(source)
            return Rejected(name.model, version, error.rejection_code, str(error), source)

    def _stage(self, name: ObjectName, source: Source) -> Verdict | None:
        model, version = name.model, name.version_of(source)
        if self._repository.is_withdrawn(model, source):
            logger.info("skipped %r: it was deleted since", source.key)
            return None
        there = self._repository.published(model, version)
        if there is not None and is_part_of(there, source):
            logger.info("skipped %r: %r is gone, which listed it", source.key, there.source.key)
            return None
        if there is not None and there.source.has_same_content(source):
            logger.info("skipped %r: version %s of %r is there", source.key, version, model)
            return None
        if there is not None:
            raise immutable(model, version)
        if not is_archive(name.filename):
            check_extension(name.filename)
        self._check_size(source)
        pending = self._repository.announce(model, version, source)
        copied = self._copy(pending, name.filename)
        self._repository.arrived(pending, *copied)
        logger.info("staged %r as version %s of %r", source.key, version, model)
        return Candidate(model, version, pending.candidate, copied[0].name, source)

    def _copy(self, pending: Pending, filename: str) -> list[ModelFile]:
        """Copy the object into the candidate; an archive is unpacked there and not kept."""
        candidates, source = self._repository.candidates, pending.source
        folder = candidates.files(pending.candidate)
        if not is_archive(filename):
            return [transfer.copy(self._s3, source, folder / filename)]
        packed = candidates.folder(pending.candidate) / filename
        try:
            transfer.copy(self._s3, source, packed)
            return archive.unpack(packed, folder, self._max_model_bytes)
        finally:
            packed.unlink(missing_ok=True)

    def _check_size(self, source: Source) -> None:
        if source.size == 0:
            raise UploadRejected("EMPTY_FILE", f"{source.key!r} is empty.")
        if source.size > self._max_model_bytes:
            raise UploadRejected(
                "TOO_LARGE",
                f"{source.key!r} has {source.size} bytes; this deployment takes at most "
                f"{self._max_model_bytes} (setting max_model_bytes).",
            )
