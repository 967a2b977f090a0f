"""Stages each object that S3 reports: copies it into a candidate, or refuses it."""

import dataclasses
import logging
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from loader.archives import compressed, unpacking
from loader.bucket import version_folder
from loader.bucket.events import ObjectEvent, removed
from loader.staging.file_sets import FileSets
from loader.transfer import object_copy
from serving.errors import UploadRejected
from serving.formats import side_files
from serving.formats.file_names import FORMATS, is_archive, is_packed, is_part, unpacked_name
from serving.formats.foreign_contents import HEAD_BYTES
from serving.formats.model_formats import check_extension, check_start
from serving.records.key_layouts import without_layout
from serving.records.manifest import ModelFile, Source
from serving.records.object_keys import MODEL_JSON, InvalidKey, ObjectKey
from serving.records.uploads import Pending
from serving.records.verdicts import Candidate, Refused, Rejected, Verdict
from serving.records.versions import version_of
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
        """Return the verdict on one event; None when nothing has to be done."""
        key = event.key
        if event.is_removal:
            return removed(event)
        if isinstance(key, InvalidKey):
            if side_files.lies_beside(key):
                return None
            logger.warning("refused %r: %s", key.text, key.reason)
            return Refused(key.text, key.code, key.reason)
        for listed in (without_layout(key), key):
            if listed is None or listed.version is None:
                continue
            folder = version_folder.read(self._s3, event.bucket, listed)
            if folder.model_json is not None:
                event = dataclasses.replace(event, key=listed)
                return self._file_sets.judge(listed, event, folder, folder.model_json)
        if side_files.lies_beside(key):
            logger.info("skipped %r, which lies beside models", key.text)
            self._file_sets.end_wait(key)
            return None
        if is_part(key) or key.is_model_json:
            self._file_sets.wait(key, event, folder)
            return None
        return self._judge_alone(key, event)

    def _judge_alone(self, key: ObjectKey, event: ObjectEvent) -> Verdict | None:
        """Return the verdict on an object that is an upload by itself."""
        source = event.source
        try:
            source = object_copy.inspect(self._s3, event)
            return self._stage(key, source)
        except UploadRejected as error:
            logger.warning("rejected %r: %s", key.text, error)
            version = version_of(key, source)
            return Rejected(key.model, version, error.rejection_code, str(error), source)

    def _stage(self, key: ObjectKey, source: Source) -> Verdict | None:
        model, version = key.model, version_of(key, source)
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
        self._check_size(source)
        if not is_archive(key.filename):
            self._check_format(source, unpacked_name(key.filename))
        pending = self._repository.announce(model, version, source)
        copied = self._copy(pending, key.filename)
        self._repository.arrived(pending, *copied)
        logger.info("staged %r as version %s of %r", source.key, version, model)
        return Candidate(model, version, pending.candidate, copied[0].name, source)

    def _copy(self, pending: Pending, filename: str) -> list[ModelFile]:
        """Copy the object into the candidate; an archive is unpacked there and not kept."""
        candidates, source = self._repository.candidates, pending.source
        folder = candidates.files(pending.candidate)
        if not (is_archive(filename) or is_packed(filename)):
            return [object_copy.copy(self._s3, source, folder / filename)]
        packed = candidates.folder(pending.candidate) / filename
        try:
            object_copy.copy(self._s3, source, packed)
            if is_packed(filename):
                return [compressed.unpack(packed, folder, self._max_model_bytes)]
            return unpacking.unpack(packed, folder, self._max_model_bytes)
        finally:
            packed.unlink(missing_ok=True)

    def _check_format(self, source: Source, filename: str) -> None:
        """Refuse early what can't be a model: by its name, or else by how it begins."""
        if PurePosixPath(filename).suffix.lower() in FORMATS or filename == MODEL_JSON:
            check_extension(filename)
        elif not is_packed(PurePosixPath(source.key).name):
            check_start(filename, object_copy.head(self._s3, source, HEAD_BYTES))

    def _check_size(self, source: Source) -> None:
        if source.size == 0:
            raise UploadRejected(
                "EMPTY_FILE",
                f"{source.key!r} is empty (0 bytes). Upload the model's file in its place.",
            )
        if source.size > self._max_model_bytes:
            raise UploadRejected(
                "TOO_LARGE",
                f"{source.key!r} has {source.size} bytes; this deployment takes at most "
                f"{self._max_model_bytes} (setting max_model_bytes).",
            )
