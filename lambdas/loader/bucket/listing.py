"""A listing of the whole bucket, and questions about single objects."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from loader.bucket.error_codes import GONE
from loader.bucket.events import FOUND, ObjectEvent, is_nothing
from serving.records.key_layouts import KeyLayouts

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(slots=True)
class Listing:
    """The bucket at one time.

    Attributes:
        newest: the newest write of each key that has one, as the event that would tell of it.
        deleted: when a key was deleted last, UTC, ISO 8601, as far as its delete markers tell.
    """

    newest: dict[str, ObjectEvent] = field(default_factory=dict)
    deleted: dict[str, str] = field(default_factory=dict)


def read(s3: "S3Client", bucket: str, layouts: KeyLayouts) -> Listing:
    """List the bucket, page by page, without folder markers and their like."""
    listing = Listing()
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for entry in page.get("Versions", ()):
            event = _event(bucket, entry, layouts)
            if entry["IsLatest"] and not is_nothing(event.key):
                listing.newest[entry["Key"]] = event
        for marker in page.get("DeleteMarkers", ()):
            key = marker["Key"]
            listing.deleted[key] = max(_moment(marker), listing.deleted.get(key, ""))
    return listing


def exists(s3: "S3Client", bucket: str, key: str, version_id: str = "") -> bool:
    """Ask whether the bucket has this key now, or this write of it."""
    version = {"VersionId": version_id} if version_id else {}
    try:
        s3.head_object(Bucket=bucket, Key=key, **version)  # type: ignore[arg-type]  # a TypedDict can't be built by condition
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return False
        raise
    return True


def _event(bucket: str, entry: Any, layouts: KeyLayouts) -> ObjectEvent:  # a TypedDict of botocore
    version_id = entry["VersionId"]
    return ObjectEvent(
        name=FOUND,
        bucket=bucket,
        key=layouts.read(entry["Key"]),
        version_id="" if version_id == "null" else version_id,
        sequencer="",
        time=_moment(entry),
        etag=entry["ETag"].strip('"'),
        size=entry["Size"],
    )


def _moment(entry: Any) -> str:
    moment: datetime = entry["LastModified"]
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
