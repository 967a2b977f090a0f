"""A bucket with versions that can be listed, page by page, and whose objects can be gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from serving.records.manifest import Source
from tests.lambdas.crash.bucket import Bucket

PAGE = 2  # so that the versions of one key straddle pages


@dataclass(frozen=True)
class Entry:
    """A write, or a delete marker."""

    source: Source
    is_marker: bool = False


class ListedBucket(Bucket):
    def __init__(self) -> None:
        self._entries: list[Entry] = []  # oldest first

    def put(self, source: Source) -> None:
        self._entries.append(Entry(source))

    def mark(self, source: Source) -> None:
        """Put a delete marker, with the id and the time of `source`."""
        self._entries.append(Entry(source, is_marker=True))

    def destroy(self, key: str, version_id: str) -> None:
        """Delete one write, or one delete marker."""
        self._entries = [e for e in self._entries if _id(e) != (key, version_id)]

    def newest(self, key: str) -> Source | None:
        """Return the write that the key has now."""
        entries = [entry for entry in self._entries if entry.source.key == key]
        return None if not entries or entries[-1].is_marker else entries[-1].source

    def has(self, source: Source) -> bool:
        return Entry(source) in self._entries

    def head_object(self, *, Key: str, VersionId: str = "", **options: Any) -> dict[str, Any]:  # noqa: N803 (S3's)
        asked = (e.source for e in self._entries if _id(e) == (Key, VersionId) and not e.is_marker)
        source = next(asked, None) if VersionId else self.newest(Key)
        if source is None:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return {
            "ETag": f'"{source.etag}"',
            "LastModified": datetime.fromisoformat(source.last_modified),
            "ContentLength": source.size,
            "VersionId": source.version_id,
        }

    def get_paginator(self, name: str) -> "ListedBucket":
        assert name == "list_object_versions"
        return self

    def paginate(self, **options: Any) -> Iterator[dict[str, Any]]:
        """Yield pages as S3 does: by key, the newest first."""
        keys = sorted({entry.source.key for entry in self._entries})
        listed = [entry for key in keys for entry in self._listed(key)]
        for start in range(0, len(listed), PAGE):
            page = listed[start : start + PAGE]
            yield {
                "Versions": [entry for entry in page if "ETag" in entry],
                "DeleteMarkers": [entry for entry in page if "ETag" not in entry],
            }

    def _listed(self, key: str) -> Iterator[dict[str, Any]]:
        entries = [entry for entry in self._entries if entry.source.key == key]
        for entry in reversed(entries):
            source = entry.source
            content = {} if entry.is_marker else {"ETag": f'"{source.etag}"', "Size": source.size}
            yield {
                "Key": source.key,
                "VersionId": source.version_id,
                "LastModified": datetime.fromisoformat(source.last_modified),
                "IsLatest": entry is entries[-1],
                **content,
            }


def _id(entry: Entry) -> tuple[str, str]:
    return entry.source.key, entry.source.version_id
