"""What the bucket has under one `MODEL/VERSION/`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from loader.bucket.events import ObjectEvent
from serving.errors import UploadRejected
from serving.records.manifest import Source
from serving.records.naming import digest
from serving.records.object_keys import MODEL_JSON, is_model_json, parse_key, version_prefix

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class VersionFolder:
    """The newest writes there, by path below the folder; without those of folder markers.

    Their version ids are ETags: a listing tells no other.
    """

    prefix: str
    objects: dict[str, Source]

    @property
    def model_json(self) -> Source | None:
        """The `model.json`, if it is there."""
        return self.objects.get(MODEL_JSON)

    @property
    def contents(self) -> str:
        """A digest of all that is there."""
        return contents((source.key, source.etag) for source in self.objects.values())


def contents(objects: Iterable[tuple[str, str]]) -> str:
    """Return the digest of a folder from its keys and ETags."""
    return digest("\n".join(f"{etag} {key}" for key, etag in sorted(objects)), 16)


def look(s3: "S3Client", event: ObjectEvent) -> VersionFolder:
    """List the folder in which an event's object lies."""
    prefix = version_prefix(event.key) or ""
    objects: dict[str, Source] = {}
    more: dict[str, str] = {}
    while True:
        page = s3.list_objects_v2(Bucket=event.bucket, Prefix=prefix, **more)  # type: ignore[arg-type]  # a TypedDict can't be built by condition
        for entry in page.get("Contents", ()):
            if not entry["Key"].endswith("/"):
                objects[entry["Key"].removeprefix(prefix)] = _source(event.bucket, entry)
        if not page.get("IsTruncated"):
            return VersionFolder(prefix, objects)
        more = {"ContinuationToken": page["NextContinuationToken"]}


def _source(bucket: str, entry: Any) -> Source:  # noqa: ANN401 (a TypedDict of botocore)
    etag = entry["ETag"].strip('"')
    moment = entry["LastModified"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Source(bucket, entry["Key"], etag, moment, etag, entry["Size"])


def units(newest: Mapping[str, ObjectEvent]) -> Iterator[tuple[ObjectEvent, str]]:
    """Yield the events of a whole listing, one for each upload, and the contents of its folder.

    A version of many files is one upload, told by its `model.json`; what else lies beside that
    is left out, but for keys that name nothing. Contents are empty where there is none.
    """
    folders: dict[str, list[ObjectEvent]] = {}
    for key in newest:
        if is_model_json(key):
            folders[version_prefix(key) or ""] = []
    for event in newest.values():
        prefix = version_prefix(event.key)
        if prefix in folders:
            folders[prefix].append(event)
        if prefix not in folders or _names_nothing(event.key):
            yield event, ""
    for prefix, events in folders.items():
        event = newest[prefix + MODEL_JSON]
        if not _names_nothing(event.key):
            yield event, contents((each.key, each.etag) for each in events)


def _names_nothing(key: str) -> bool:
    try:
        parse_key(key)
    except UploadRejected:
        return True
    return False
