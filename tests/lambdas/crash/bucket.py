"""A bucket without state: an object's content follows from its key and its version id.

Every forked process therefore has the same bucket.
"""

import dataclasses
import functools
import hashlib
import io
import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote_plus
from zipfile import ZipInfo

from botocore.response import StreamingBody

from loader.bucket.events import ObjectEvent
from serving.records.manifest import Source
from serving.records.object_keys import read_key
from tests.lambdas.loader.archives import sample_archives

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NAME = "models"
EPOCH = datetime(2026, 11, 21, tzinfo=UTC)
PADDING = b"." * 300_000


@functools.cache
def content(key: str, version_id: str) -> bytes:
    """Return the bytes of one write: a pickle that tells which one, packed if the key says so."""
    data = pickle.dumps({"key": key, "version_id": version_id, "padding": PADDING})
    notes = version_id.encode()
    if key.endswith(".tar.gz"):
        return sample_archives.tar(("m.pkl", data), ("code/notes.txt", notes))
    if key.endswith(".zip"):  # with the time of no clock
        return sample_archives.zipped((ZipInfo("m.pkl"), data), (ZipInfo("code/notes.txt"), notes))
    return data


def source(second: int, key: str = "iris.pkl") -> Source:
    """Return the source of the write of `key` in this second."""
    data = content(key, f"w{second}")
    return Source(
        NAME,
        key,
        f"w{second}",
        f"{EPOCH + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}",
        hashlib.md5(data).hexdigest(),
        len(data),
        sequencer(second),
    )


def sequencer(second: int) -> str:
    return f"{second:016X}"


def created(second: int, key: str = "iris.pkl") -> ObjectEvent:
    """Return the event of this write; S3 reports it a little after it was done."""
    moment = f"{EPOCH + timedelta(seconds=second + 1):%Y-%m-%dT%H:%M:%S.000Z}"
    origin = source(second, key)
    return ObjectEvent(
        "ObjectCreated:Put",
        NAME,
        read_key(key),
        origin.version_id,
        sequencer(second),
        moment,
        origin.etag,
    )


def destroyed(second: int, key: str) -> ObjectEvent:
    """Return the event of deleting this write alone, later."""
    event = created(second, key)
    return dataclasses.replace(event, name="ObjectRemoved:Delete", sequencer=sequencer(second + 1))


def given_up(event: ObjectEvent, error: str) -> dict[str, Any]:
    """Return the record that `publish` gets when `stage` failed on this event for good."""
    s3_object = {
        "key": quote_plus(event.key.text),
        "versionId": event.version_id,
        "sequencer": event.sequencer,
        "eTag": event.etag,
    }
    record = {
        "eventName": event.name,
        "eventTime": event.time,
        "s3": {"bucket": {"name": event.bucket}, "object": s3_object},
    }
    return {
        "requestContext": {"condition": "RetriesExhausted", "functionArn": "arn:Stage:$LATEST"},
        "requestPayload": {"Records": [record]},
        "responsePayload": {"errorMessage": error},
    }


class Bucket:
    """The calls that the loader makes for one object."""

    def head_object(self, *, Key: str, VersionId: str, **options: Any) -> dict[str, Any]:  # noqa: N803 (S3's)
        origin = source(int(VersionId[1:]), Key)
        return {
            "ETag": f'"{origin.etag}"',
            "LastModified": datetime.fromisoformat(origin.last_modified),
            "ContentLength": origin.size,
            "VersionId": VersionId,
        }

    def get_object(
        self,
        *,
        Key: str,  # noqa: N803 (S3's)
        VersionId: str,  # noqa: N803 (S3's)
        Range: str = "",  # noqa: N803 (S3's)
        **options: Any,
    ) -> dict[str, Any]:
        data = content(Key, VersionId)
        whole = len(data)
        if Range:
            first, _, last = Range.removeprefix("bytes=").partition("-")
            data = data[int(first) : int(last) + 1]
        return {
            **self.head_object(Key=Key, VersionId=VersionId),
            "ContentLength": len(data),
            "ContentRange": f"bytes {Range.removeprefix('bytes=')}/{whole}",
            "Body": StreamingBody(io.BytesIO(data), len(data)),
        }

    def list_objects_v2(self, **options: Any) -> dict[str, Any]:
        """Say that there is no `model.json`: each object is a version by itself."""
        return {"IsTruncated": False}


def client() -> "S3Client":
    return cast("S3Client", Bucket())
