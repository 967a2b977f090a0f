"""Versions of many files: whichever comes last, the whole is copied when all are there."""

import dataclasses
import hashlib
import logging
from datetime import UTC
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from loader import transfer
from loader.records import FOUND, ObjectEvent
from loader.version_folder import VersionFolder
from serving import model_json
from serving.errors import UploadRejected
from serving.formats import ARCHIVES, FORMATS
from serving.manifest import Manifest, ModelFile, Pending, Source, Waiting
from serving.model_json import ModelJson
from serving.naming import MODEL_JSON, ObjectName
from serving.repository import Repository
from serving.repository.changes import VERSION_EXISTS, now
from serving.repository.files import sync_folder
from serving.repository.repository import immutable
from serving.repository.rules import can_complete, is_part_of
from serving.verdicts import Candidate, Rejected, Verdict

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NAMED_AT_MOST = 10
# These refusals stand whatever else comes.
OF_MODEL_JSON_ALONE = (model_json.INVALID, VERSION_EXISTS)

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class _Arrival:
    """An event in the folder of a version.

    Attributes:
        event: of any object there.
        source: the `model.json` that is there now; its text is what the version goes by.
    """

    model: str
    version: str
    path: str
    event: ObjectEvent
    folder: VersionFolder
    source: Source


class FileSets:
    """Judges what arrives in the folder of a version of many files."""

    def __init__(self, s3: "S3Client", repository: Repository, max_model_bytes: int) -> None:
        self._s3 = s3
        self._repository = repository
        self._max_model_bytes = max_model_bytes

    def wait(self, name: ObjectName, event: ObjectEvent, folder: VersionFolder) -> None:
        """Note that a file, which is no version by itself, waits for `model.json`."""
        model, version, source = name.model, name.version_of(event.source), event.source
        there = self._repository.published(model, version)
        if name.filename not in folder.objects or (there is not None and is_part_of(there, source)):
            return
        if self._repository.is_withdrawn(model, source):
            return
        accepted = ", ".join((*FORMATS, *ARCHIVES))
        reason = (
            f"{name.filename!r:.200} is no model file by itself (accepted are {accepted}); this "
            f"version waits for {folder.prefix}{MODEL_JSON}, which lists its files. "
            f"{model_json.HINT}"
        )
        self._repository.assembly.wait(Waiting(model, version, now(), reason, source))

    def judge(
        self, name: ObjectName, event: ObjectEvent, folder: VersionFolder, listed: Source
    ) -> Verdict | None:
        """Return the verdict on the version whose `model.json` is `listed`.

        None as long as files are missing, and when there is nothing to do about this event.
        """
        found = self._read(event, folder, listed)
        if found is None:
            logger.info("skipped %r: %r was written anew", event.key, listed.key)
            return None
        source, text = found
        version = name.version_of(source)
        arrival = _Arrival(name.model, version, name.filename, event, folder, source)
        if self._is_settled(arrival):
            return None
        there = self._repository.published(name.model, version)
        if there is not None and there.source.has_same_content(source):
            return self._overwritten(arrival, there)
        try:
            return self._stage(arrival, text, there)
        except UploadRejected as error:
            logger.warning("rejected %r: %s", source.key, error)
            if error.rejection_code in OF_MODEL_JSON_ALONE:
                source = dataclasses.replace(source, contents="")
            return Rejected(name.model, version, error.rejection_code, str(error), source)

    def _read(
        self, event: ObjectEvent, folder: VersionFolder, listed: Source
    ) -> tuple[Source, bytes] | None:
        """Read `model.json`; None when it isn't the listed one any more: its own event follows."""
        try:
            answer = self._s3.get_object(
                Bucket=listed.bucket, Key=listed.key, IfMatch=f'"{listed.etag}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in (*transfer.GONE, *transfer.CHANGED):
                return None
            raise
        with answer["Body"] as body:
            text = body.read(model_json.MAX_BYTES + 1)
        version_id = answer.get("VersionId", "null")
        source = dataclasses.replace(
            listed,
            version_id=listed.etag if version_id == "null" else version_id,
            last_modified=answer["LastModified"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            contents=folder.contents,
        )
        is_its_own = event.key == source.key and event.source.version_id == source.version_id
        sequencer = event.sequencer if is_its_own else ""
        return dataclasses.replace(source, sequencer=sequencer), text

    def _is_settled(self, arrival: _Arrival) -> bool:
        model, source = arrival.model, arrival.source
        if self._repository.is_withdrawn(model, source):
            logger.info("skipped %r: it was deleted since", source.key)
            return True
        event, assembly = arrival.event, self._repository.assembly
        if assembly.is_known_bad(model, source, event.key, event.time):
            logger.info("skipped %r: it was refused with this file", source.key)
            return True
        return False

    def _overwritten(self, arrival: _Arrival, there: Manifest) -> Verdict | None:
        """Refuse another write of a file that is published; the version itself stands."""
        known = {file.name: file.etag for file in there.files}
        now_there = arrival.folder.objects.get(arrival.path)
        if arrival.path == MODEL_JSON or arrival.path not in known or now_there is None:
            return None
        if known[arrival.path] == now_there.etag:
            return None
        error = immutable(arrival.model, arrival.version)
        source = dataclasses.replace(
            now_there,
            version_id=arrival.event.source.version_id,
            sequencer=arrival.event.sequencer,
        )
        return Rejected(arrival.model, arrival.version, error.rejection_code, str(error), source)

    def _stage(self, arrival: _Arrival, text: bytes, there: Manifest | None) -> Verdict | None:
        model, version, source = arrival.model, arrival.version, arrival.source
        record = model_json.loads(text)
        if arrival.path != MODEL_JSON and arrival.path not in record.files:
            logger.info("skipped %r: %r doesn't list it", arrival.event.key, source.key)
            return None
        if there is not None and not can_complete(there, source, record.files):
            raise immutable(model, version)
        missing = tuple(path for path in record.files if path not in arrival.folder.objects)
        if missing:
            reason = f"{source.key} lists {_named(missing)}, not uploaded yet."
            waiting = Waiting(model, version, now(), reason, source, missing)
            self._repository.assembly.wait(waiting)
            return None
        self._check_sizes(arrival, record)
        assembly, event = self._repository.assembly, arrival.event
        # What reconcile found was given up by everybody.
        if event.name != FOUND and assembly.is_in_hand(model, source, event.key):
            logger.info("skipped %r: its version is on its way", arrival.event.key)
            return None
        pending = self._repository.announce(model, version, source, arrival.event.key)
        copied = self._copy(pending, arrival.folder, record, text)
        self._repository.arrived(pending, *copied)
        logger.info("staged %d files as version %s of %r", len(copied), version, model)
        return Candidate(model, version, pending.candidate, record.model_file, source)

    def _check_sizes(self, arrival: _Arrival, record: ModelJson) -> None:
        sizes = {path: arrival.folder.objects[path].size for path in record.files}
        if sizes[record.model_file] == 0:
            raise UploadRejected("EMPTY_FILE", f"{record.model_file!r} is empty.")
        total = sum(sizes.values())
        if total > self._max_model_bytes:
            raise UploadRejected(
                "TOO_LARGE",
                f"The files of {arrival.folder.prefix} have {total} bytes in all; this deployment "
                f"takes at most {self._max_model_bytes} (setting max_model_bytes).",
            )

    def _copy(
        self, pending: Pending, folder: VersionFolder, record: ModelJson, text: bytes
    ) -> list[ModelFile]:
        """Copy all that is listed, the file to load first, and `model.json` last of all."""
        target = self._repository.candidates.files(pending.candidate)
        sources = {path: folder.objects[path] for path in record.files}
        transfer.check_space(folder.prefix, sum(s.size for s in sources.values()), target)
        sources[MODEL_JSON] = pending.source
        digests = {**record.files, MODEL_JSON: hashlib.sha256(text).hexdigest()}
        paths = sorted(digests, key=lambda path: (path != record.model_file, path == MODEL_JSON))
        copied = []
        for path in paths:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            file = transfer.copy(self._s3, sources[path], target / path)
            _check_digest(path, file.sha256, digests[path])
            copied.append(dataclasses.replace(file, name=path, etag=sources[path].etag))
        for above in {str(above) for path in paths for above in PurePosixPath(path).parents}:
            sync_folder(target / above)
        return copied


def _check_digest(path: str, found: str, listed: str) -> None:
    if found != listed:
        raise UploadRejected(
            "DIGEST_MISMATCH",
            f"{path!r} has the SHA-256 {found}, and {MODEL_JSON} lists {listed}. Upload the file "
            f"that is meant, or {MODEL_JSON} with its SHA-256.",
        )


def _named(paths: tuple[str, ...]) -> str:
    named = ", ".join(f"{path!r:.100}" for path in paths[:NAMED_AT_MOST])
    more = len(paths) - NAMED_AT_MOST
    return f"{named} and {more} more" if more > 0 else named
