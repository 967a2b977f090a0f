"""Versions of many files: copied as a whole by the event of whichever file comes last."""

import dataclasses
import logging
from typing import TYPE_CHECKING

from loader.bucket.events import FOUND, ObjectEvent
from loader.bucket.version_folder import VersionFolder
from loader.staging import listed_files
from serving.errors import UploadRejected
from serving.formats import model_json, side_files
from serving.formats.file_names import ACCEPTED
from serving.records.manifest import Manifest, Source
from serving.records.object_keys import FORMS, MODEL_JSON, ObjectKey
from serving.records.uploads import VERSION_EXISTS, Waiting
from serving.records.verdicts import Candidate, Rejected, Verdict
from serving.records.versions import version_of
from serving.repository.clock import now
from serving.repository.publication import immutable
from serving.repository.repository import Repository
from serving.repository.rules import can_complete, is_part_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NAMED_AT_MOST = 10
# These refusals are due to `model.json` alone, so they stand whatever other files come.
OF_MODEL_JSON_ALONE = (model_json.INVALID, VERSION_EXISTS)

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class _Arrival:
    """An event in the folder of a version.

    Attributes:
        key: of any object in the folder, to which the event happened.
        source: the `model.json` that is there now; its text is what the version goes by.
    """

    version: str
    key: ObjectKey
    event: ObjectEvent
    folder: VersionFolder
    source: Source


class FileSets:
    """Judges what arrives in the folder of a version of many files."""

    def __init__(self, s3: "S3Client", repository: Repository, max_model_bytes: int) -> None:
        self._s3 = s3
        self._repository = repository
        self._max_model_bytes = max_model_bytes

    def wait(self, key: ObjectKey, event: ObjectEvent, folder: VersionFolder) -> None:
        """Note that a file, which is no version by itself, waits for `model.json`."""
        source = event.source
        model, version = key.model, version_of(key, source)
        there = self._repository.published(model, version)
        if key.filename not in folder.objects or (there is not None and is_part_of(there, source)):
            return
        if side_files.MLMODEL in folder.objects:
            return  # MLflow put it there, and never writes a `model.json`
        if self._repository.is_withdrawn(model, source):
            return
        reason = (
            f"{_why_no_model(key)}; this version waits for {folder.prefix}{MODEL_JSON}, which "
            f"lists its files. {model_json.HINT}"
        )
        self._repository.assembly.wait(Waiting(model, version, now(), reason, source))

    def end_wait(self, key: ObjectKey) -> None:
        """Forget what waited for a `model.json`: MLflow wrote this folder, as `key` tells."""
        if key.version is not None and key.filename == side_files.MLMODEL:
            self._repository.assembly.end(key.model, key.version)

    def judge(
        self, key: ObjectKey, event: ObjectEvent, folder: VersionFolder, listed: Source
    ) -> Verdict | None:
        """Return the verdict on the version whose `model.json` is `listed`.

        It is None while files are missing, and when nothing has to be done.
        """
        found = listed_files.read_model_json(self._s3, event, folder, listed)
        if found is None:
            logger.info("skipped %r: %r was written anew", key.text, listed.key)
            return None
        source, text = found
        version = version_of(key, source)
        arrival = _Arrival(version, key, event, folder, source)
        if self._is_settled(arrival):
            return None
        there = self._repository.published(key.model, version)
        if there is not None and there.source.has_same_content(source):
            return self._overwritten(arrival, there)
        try:
            return self._stage(arrival, text, there)
        except UploadRejected as error:
            logger.warning("rejected %r: %s", source.key, error)
            if error.rejection_code in OF_MODEL_JSON_ALONE:
                source = dataclasses.replace(source, contents="")
            return Rejected(key.model, version, error.rejection_code, str(error), source)

    def _is_settled(self, arrival: _Arrival) -> bool:
        model, source = arrival.key.model, arrival.source
        if self._repository.is_withdrawn(model, source):
            logger.info("skipped %r: it was deleted since", source.key)
            return True
        assembly = self._repository.assembly
        if assembly.is_known_bad(model, source, arrival.key.text, arrival.event.time):
            logger.info("skipped %r: it was refused with this file", source.key)
            return True
        return False

    def _overwritten(self, arrival: _Arrival, there: Manifest) -> Verdict | None:
        """Refuse another write of a file that is published; the version itself stands."""
        known = {file.name: file.etag for file in there.files}
        model, path = arrival.key.model, arrival.key.filename
        now_there = arrival.folder.objects.get(path)
        if path == MODEL_JSON or path not in known or now_there is None:
            return None
        if known[path] == now_there.etag:
            return None
        error = immutable(model, arrival.version)
        source = dataclasses.replace(
            now_there,
            version_id=arrival.event.source.version_id,
            sequencer=arrival.event.sequencer,
        )
        return Rejected(model, arrival.version, error.rejection_code, str(error), source)

    def _stage(self, arrival: _Arrival, text: bytes, there: Manifest | None) -> Verdict | None:
        key, version, source = arrival.key, arrival.version, arrival.source
        record = model_json.loads(text)
        if not key.is_model_json and key.filename not in record.files:
            logger.info("skipped %r: %r doesn't list it", key.text, source.key)
            return None
        if there is not None and not can_complete(there, source, record.files):
            raise immutable(key.model, version)
        missing = tuple(path for path in record.files if path not in arrival.folder.objects)
        if missing:
            reason = f"{source.key} lists {_named(missing)}, not uploaded yet."
            waiting = Waiting(key.model, version, now(), reason, source, missing)
            self._repository.assembly.wait(waiting)
            return None
        listed_files.check_sizes(record, arrival.folder, self._max_model_bytes)
        assembly, event = self._repository.assembly, arrival.event
        # An upload that reconcile found was given up, so no other event has it in hand.
        if event.name != FOUND and assembly.is_in_hand(key.model, source, key.text):
            logger.info("skipped %r: its version is on its way", key.text)
            return None
        pending = self._repository.announce(key.model, version, source, key.text)
        target = self._repository.candidates.files(pending.candidate)
        copied = listed_files.copy(self._s3, record, text, arrival.folder, source, target)
        self._repository.arrived(pending, *copied)
        logger.info("staged %d files as version %s of %r", len(copied), version, key.model)
        return Candidate(key.model, version, pending.candidate, record.model_file, source)


def _why_no_model(key: ObjectKey) -> str:
    """Say why a file can only be a part: for its place, or else for its name."""
    depth = key.filename.count("/")
    if depth:
        return (
            f"{key.text!r:.300} lies {depth + 2} folders deep, and a model lies in two at most: "
            f"{FORMS} (or as the setting key_layouts says)"
        )
    return f"{key.filename!r:.200} is no model file by itself (accepted are {ACCEPTED})"


def _named(paths: tuple[str, ...]) -> str:
    named = ", ".join(f"{path!r:.100}" for path in paths[:NAMED_AT_MOST])
    more = len(paths) - NAMED_AT_MOST
    return f"{named} and {more} more" if more > 0 else named
