"""What is seen of a version's folder in the bucket."""

import dataclasses
from datetime import UTC, datetime
from typing import Any, cast

from loader.bucket import version_folder
from serving.records.object_keys import ObjectKey
from tests.lambdas.deployment import BUCKET, Deployment

MOMENT = datetime(2026, 11, 21, tzinfo=UTC)


class Paged:
    """An S3 that lists one object a page."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def list_objects_v2(self, *, ContinuationToken: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803 (S3's)
        page = int(ContinuationToken)
        entry = {"Key": self._keys[page], "ETag": '"e"', "Size": 1, "LastModified": MOMENT}
        more = {"IsTruncated": True, "NextContinuationToken": str(page + 1)}
        return {"Contents": [entry], **(more if page + 1 < len(self._keys) else {})}


def test_every_page_is_read_and_folder_markers_are_none() -> None:
    s3 = cast(Any, Paged("gpt/1/", "gpt/1/a", "gpt/1/b/", "gpt/1/b/c", "gpt/1/model.json"))
    folder = version_folder.read(s3, BUCKET, ObjectKey.parse("gpt/1/model.json"))
    assert list(folder.objects) == ["a", "b/c", "model.json"]
    assert folder.model_json is not None
    assert folder.model_json.key == "gpt/1/model.json"


def test_only_the_folder_itself_is_seen(deployment: Deployment) -> None:
    for key in ("gpt/1/a", "gpt/1/b/c", "gpt/10/a", "gpt/2/a", "gpt/1.joblib"):
        deployment.put(key, b"x")
    assert set(
        version_folder.read(deployment.s3, BUCKET, ObjectKey.parse("gpt/1/model.json")).objects
    ) == {"a", "b/c"}


def test_the_digest_of_a_folder_tells_every_write(deployment: Deployment) -> None:
    digests = set()
    for key, data in [("a", b"1"), ("b", b"1"), ("a", b"2"), ("a", b"1")]:
        deployment.put(f"gpt/1/{key}", data)
        digests.add(
            version_folder.read(deployment.s3, BUCKET, ObjectKey.parse("gpt/1/model.json")).contents
        )
    assert len(digests) == 3


def test_of_a_whole_listing_model_json_stands_for_its_folder(deployment: Deployment) -> None:
    keys = ["a.joblib", "gpt/1/.hidden", "gpt/1/a", "gpt/1/model.json", "gpt/10/a", "gpt/2/m.pkl"]
    newest = {key: deployment.put(key, key.encode()) for key in keys}
    found = {event.key.text: contents for event, contents in version_folder.uploads(newest)}
    assert set(found) == {*keys} - {"gpt/1/a"}
    assert [key for key, contents in found.items() if contents] == ["gpt/1/model.json"]


def test_the_digest_is_the_same_from_either_listing(deployment: Deployment) -> None:
    events = [deployment.put(f"gpt/1/{name}", name.encode()) for name in ("b", "a", "model.json")]
    pages = deployment.s3.list_object_versions(Bucket=BUCKET)["Versions"]
    etags = {entry["Key"]: entry["ETag"].strip('"') for entry in pages}
    keys = {event.key.text: event for event in events}
    newest = {key: dataclasses.replace(event, etag=etags[key]) for key, event in keys.items()}
    ((_, contents),) = version_folder.uploads(newest)
    assert (
        contents
        == version_folder.read(deployment.s3, BUCKET, ObjectKey.parse("gpt/1/model.json")).contents
    )
