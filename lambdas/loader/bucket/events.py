"""S3's event notifications, decoded.

Event format: Amazon S3 User Guide, "Event message structure" (version 2.x).
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from serving.errors import RecordError
from serving.formats.file_names import is_part
from serving.formats.side_files import is_side_file
from serving.records.key_layouts import BY_DEFAULT, KeyLayouts
from serving.records.manifest import Source
from serving.records.object_keys import InvalidKey, ObjectKey
from serving.records.verdicts import Removed

# The name of an event that S3 didn't send: the object was found by listing the bucket.
FOUND = "ObjectCreated:Reconciled"


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """One record of an S3 event.

    Attributes:
        name: such as `ObjectCreated:Put`.
        version_id: of the object, or of the delete marker; empty in a bucket without versions.
        sequencer: hexadecimal; orders the events of one key.
        time: when S3 had done it, UTC, ISO 8601.
        size: bytes.
    """

    name: str
    bucket: str
    key: ObjectKey | InvalidKey
    version_id: str
    sequencer: str
    time: str
    etag: str = ""
    size: int = 0

    @classmethod
    def of(cls, source: Source) -> "ObjectEvent":
        """Return the event that would tell of this object."""
        return cls(
            name=FOUND,
            bucket=source.bucket,
            key=source.object_key,
            version_id="" if source.version_id == source.etag else source.version_id,
            sequencer=source.sequencer,
            time=source.last_modified,
            etag=source.etag,
            size=source.size,
        )

    @property
    def source(self) -> Source:
        """The object as the event alone describes it, before S3 was asked."""
        moment = datetime.fromisoformat(self.time).astimezone(UTC)
        return Source(
            bucket=self.bucket,
            key=self.key.text,
            version_id=self.version_id or self.etag,
            last_modified=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            etag=self.etag,
            size=self.size,
            sequencer=self.sequencer,
            **({} if isinstance(self.key, InvalidKey) else self.key.recorded),
        )

    @property
    def is_removal(self) -> bool:
        """Whether the object, or one version of it, was deleted."""
        return self.name.startswith("ObjectRemoved:")

    @property
    def removed_version_id(self) -> str | None:
        """The one version that was deleted, or None: the key was (by a delete marker)."""
        return None if self.name.endswith("MarkerCreated") else self.version_id or None


def removed(event: ObjectEvent) -> Removed:
    """Return the verdict on a deleted object, with its model where a layout read the key."""
    key = event.key
    told = Removed(key.text, event.removed_version_id, event.sequencer, event.time)
    if isinstance(key, InvalidKey) or not key.recorded:
        return told
    return dataclasses.replace(told, model=key.model, is_part=is_part(key))


def is_nothing(key: ObjectKey | InvalidKey) -> bool:
    """Whether an object is a folder's marker, or a side file that no `model.json` can list."""
    return isinstance(key, InvalidKey) and is_side_file(key.text)


def parse(event: dict[str, Any], layouts: KeyLayouts = BY_DEFAULT) -> Iterator[ObjectEvent]:
    """Parse the records of an S3 event, without those of folder markers and their like.

    Raises:
        RecordError: this is no S3 event.
    """
    if event.get("Event") == "s3:TestEvent":
        return
    records = event.get("Records")
    if not isinstance(records, list):
        raise RecordError("expected an S3 event with a list of Records")
    for record in records:
        parsed = _parse_one(record, layouts)
        if not is_nothing(parsed.key):
            yield parsed


def _parse_one(record: dict[str, Any], layouts: KeyLayouts) -> ObjectEvent:
    try:
        s3 = record["s3"]
        return ObjectEvent(
            name=record["eventName"].removeprefix("s3:"),
            bucket=s3["bucket"]["name"],
            key=layouts.read(unquote_plus(s3["object"]["key"], errors="strict")),
            version_id=s3["object"].get("versionId") or "",
            sequencer=s3["object"].get("sequencer") or "",
            time=record["eventTime"],
            etag=s3["object"].get("eTag") or "",
            size=s3["object"].get("size") or 0,
        )
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise RecordError(f"not a record of an S3 event: {error!r}") from error
