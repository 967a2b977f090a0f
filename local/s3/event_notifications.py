"""S3's event notifications: which requests cause which events, and the records sent.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from urllib.parse import quote_plus

from local.assembly.resources.bucket import Bucket, Notification
from local.json_types import JsonObject

_EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"
# A query parameter of one of these names means that the request is not about the object itself.
_SUBRESOURCES = {
    "acl", "annotation", "attributes", "legal-hold", "partNumber", "renameObject",
    "restore", "retention", "select", "tagging", "torrent", "uploads",
}  # fmt: skip


@dataclass(frozen=True)
class ObjectEvent:
    """An event of an object, such as `ObjectCreated:Put`."""

    name: str
    key: str
    version_id: str | None = None
    etag: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class RequestOrigin:
    """The caller's address, and the request's id."""

    source_ip: str
    request_id: str


def event_name(method: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """Returns the name of the event that a successful request on an object causes."""
    if _SUBRESOURCES & set(query):
        return None
    if method == "PUT":
        return f"ObjectCreated:{'Copy' if 'x-amz-copy-source' in headers else 'Put'}"
    if method == "POST" and "uploadId" in query:
        return "ObjectCreated:CompleteMultipartUpload"
    if method == "DELETE" and "uploadId" not in query:
        return "ObjectRemoved:Delete"
    return None


def removal_event(key: str, version_id: str | None, *, marker: bool) -> ObjectEvent:
    """Builds the event of a deleted version, or of a delete marker."""
    if marker:
        return ObjectEvent("ObjectRemoved:DeleteMarkerCreated", key, version_id, _EMPTY_ETAG)
    return ObjectEvent("ObjectRemoved:Delete", key, version_id)


def batch_removal_events(answer: bytes) -> Iterator[ObjectEvent]:
    """Reads the events of a DeleteObjects from its answer."""
    for entry in ET.fromstring(answer).iterfind("{*}Deleted"):  # noqa: S314 our server's answer
        asked = entry.findtext("{*}VersionId")
        # Deleting a marker by its version id is a Delete, though the answer calls it a marker too.
        marker = entry.findtext("{*}DeleteMarker") == "true" and asked is None
        version = entry.findtext("{*}DeleteMarkerVersionId") if marker else asked
        yield removal_event(entry.findtext("{*}Key") or "", version, marker=marker)


def matching_notifications(bucket: Bucket, event: ObjectEvent) -> Iterable[Notification]:
    """Finds the bucket's notifications that cover the event."""
    return (
        n
        for n in bucket.notifications
        if any(fnmatchcase(f"s3:{event.name}", pattern) for pattern in n.events)
        and event.key.startswith(n.prefix)
        and event.key.endswith(n.suffix)
    )


class Sequencer:
    """Issues strictly rising hexadecimal numbers, over restarts too."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """Returns the next number, of fixed width."""
        self._last = max(self._last + 1, time.time_ns())
        return f"{self._last:018X}"


def build_notification_event(
    bucket: Bucket, event: ObjectEvent, origin: RequestOrigin, sequencer: str, region: str
) -> JsonObject:
    """Builds the event for a notified function."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": region,
                "eventTime": now,
                "eventName": event.name,
                "userIdentity": {"principalId": "AWS:LOCAL"},
                "requestParameters": {"sourceIPAddress": origin.source_ip},
                "responseElements": {
                    "x-amz-request-id": origin.request_id,
                    "x-amz-id-2": origin.request_id,
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "local",
                    "bucket": {
                        "name": bucket.name,
                        "ownerIdentity": {"principalId": "LOCAL"},
                        "arn": bucket.arn,
                    },
                    "object": _describe(event, sequencer),
                },
            }
        ]
    }


def _describe(event: ObjectEvent, sequencer: str) -> JsonObject:
    optional = {"size": event.size, "eTag": event.etag, "versionId": event.version_id}
    return {
        "key": quote_plus(event.key, safe="/*"),
        **{key: value for key, value in optional.items() if value is not None},
        "sequencer": sequencer,
    }
