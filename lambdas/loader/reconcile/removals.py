"""The objects that the file system knows and that left the bucket."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from loader.bucket import listing
from loader.bucket.listing import Listing
from serving.formats.file_names import is_part
from serving.records.manifest import Source
from serving.records.verdicts import Removed
from serving.repository.rules import is_same_write

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Removals:
    """Finds them in one listing, and asks S3 again about each."""

    def __init__(
        self, s3: "S3Client", bucket: str, found: Listing, clock: Callable[[], datetime]
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._found = found
        self._clock = clock

    def among(self, known: Iterable[Source]) -> Iterator[Removed]:
        """Yield the removals of these writes, each key and each write once."""
        removed = (self._removed(source) for source in known)
        yield from dict.fromkeys(each for each in removed if each is not None)

    def _removed(self, source: Source) -> Removed | None:
        """Return how this write left the bucket, or None where it didn't.

        An old write may be gone while its key is there. That is no removal, since a lifecycle
        rule may be at work.
        """
        key, now = source.key, self._clock().isoformat(timespec="seconds")
        newest, deleted_at = self._found.newest.get(key), self._found.deleted.get(key, "")
        if newest is None:
            # It can have been written since the bucket was listed.
            is_gone = not listing.exists(self._s3, self._bucket, key)
            return _removed(source, None, now) if is_gone else None
        if source.last_modified < deleted_at:
            return _removed(source, None, deleted_at)
        if source.last_modified < newest.source.last_modified or source.version_id == source.etag:
            return None  # the latter says that S3's own id isn't known
        if is_same_write(source, newest.source):
            return None
        is_gone = not listing.exists(self._s3, self._bucket, key, source.version_id)
        return _removed(source, source.version_id, now) if is_gone else None


def _removed(source: Source, version_id: str | None, deleted_at: str) -> Removed:
    """Return the verdict for the model that came of the object, whatever its key means today."""
    told = Removed(source.key, version_id, "", deleted_at)
    if not source.read_model:
        return told
    part = is_part(source.object_key)
    return dataclasses.replace(told, model=source.read_model, is_part=part)
