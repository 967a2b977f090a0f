"""The objects below one `MODEL/VERSION/`, and the uploads that a whole listing consists of."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from loader.bucket.events import ObjectEvent, is_nothing
from serving.records.key_layouts import without_layout
from serving.records.manifest import Source
from serving.records.naming import digest
from serving.records.object_keys import MODEL_JSON, InvalidKey, ObjectKey, read_key

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class VersionFolder:
    """The newest writes in the folder, by path below it, without folder markers.

    Their version ids are ETags, since a listing gives no others.
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


def read(s3: "S3Client", bucket: str, key: ObjectKey) -> VersionFolder:
    """List the objects of this key's version, page by page."""
    prefix = key.version_prefix or ""
    objects: dict[str, Source] = {}
    more: dict[str, str] = {}
    while True:
        page = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **more)  # type: ignore[arg-type]  # a TypedDict can't be built by condition
        for entry in page.get("Contents", ()):
            if not is_nothing(read_key(entry["Key"])):
                path = entry["Key"].removeprefix(prefix)
                objects[path] = _source(bucket, entry, key.beside(path))
        if not page.get("IsTruncated"):
            return VersionFolder(prefix, objects)
        more = {"ContinuationToken": page["NextContinuationToken"]}


def _source(bucket: str, entry: Any, key: ObjectKey) -> Source:  # a TypedDict of botocore
    etag = entry["ETag"].strip('"')
    moment = entry["LastModified"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Source(bucket, key.text, etag, moment, etag, entry["Size"], **key.recorded)


def uploads(newest: Mapping[str, ObjectEvent]) -> Iterator[tuple[ObjectEvent, str]]:
    """Yield one event for each upload of a whole listing, and the contents of its folder.

    A version of many files is one upload, whose event is that of its `model.json`. Other objects
    in its folder are left out, except those with invalid keys. Contents are empty for an upload
    of one file.
    """
    folders: dict[str, list[ObjectEvent]] = {
        event.key.version_prefix or "": []
        for event in newest.values()
        if isinstance(event.key, ObjectKey) and event.key.is_model_json
    }
    for event in newest.values():
        prefix = _listing_prefix(event.key, folders)
        if prefix in folders:
            folders[prefix].append(event)
        if prefix not in folders or isinstance(event.key, InvalidKey):
            yield event, ""
    for prefix, events in folders.items():
        yield newest[prefix + MODEL_JSON], contents((each.key.text, each.etag) for each in events)


def _listing_prefix(key: ObjectKey | InvalidKey, folders: Container[str]) -> str | None:
    """Return the folder whose `model.json` can list this object."""
    plain = without_layout(key) if isinstance(key, ObjectKey) else None
    if plain is not None and plain.version_prefix in folders:
        return plain.version_prefix
    return key.version_prefix
