"""The two sides that are compared, made up, and one comparison in a process of its own."""

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambdas"))

from loader.reconcile.reconciler import Reconciler
from loader.staging.stager import Stager
from modelmount_compiler.signature import Signature
from serving.records import codec
from serving.records.manifest import Description, Manifest, ModelFile, Source
from serving.repository.repository import Repository

PAGE = 1000
MOMENT = datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC)


class Listing:
    """An S3 client of which only what reconcile calls is there."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = sorted(keys)

    def get_paginator(self, _: str) -> "Listing":
        """Return what pages."""
        return self

    def paginate(self, *, Bucket: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002, N803 (boto3's)
        """Yield pages of a thousand keys."""
        for start in range(0, len(self._keys), PAGE):
            yield {"Versions": [_entry(key) for key in self._keys[start : start + PAGE]]}

    def head_object(self, *, Bucket: str, Key: str) -> None:  # noqa: ARG002, N803 (boto3's)
        """Say that the key is gone: reconcile asks only after those it didn't find."""
        raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")


def _entry(key: str) -> dict[str, Any]:
    return {
        "Key": key,
        "VersionId": f"version-of-{key}",
        "IsLatest": True,
        "LastModified": MOMENT,
        "ETag": '"d41d8cd98f00b204e9800998ecf8427e"',
        "Size": 1024,
    }


def fill(root: Path, size: int) -> list[str]:
    """Lay out a repository of `size` models; return the keys that the bucket has."""
    signature = Signature("matrix", "number", 4, None, False, ("predict",), [0, 1, 2])
    packages = {"python": "3.13.0", "scikit-learn": "1.9.1"}
    description = Description("joblib", "sklearn", "x.Y", signature, 10_000_000, 50.0, packages)
    for number in range(size):
        key = f"model-{number:05}.joblib"
        origin = Source("models", key, f"version-of-{key}", "2026-11-21T01:02:03Z", "etag", 1024)
        folder = root / "models" / f"model-{number:05}"
        (folder / "versions" / "1").mkdir(parents=True)
        file = (ModelFile(key, 1024, "0" * 64),)
        manifest = Manifest(folder.name, "1", "2026-11-21T01:02:04Z", origin, file, description)
        (folder / "versions" / "1" / "manifest.json").write_text(codec.dumps(manifest))
        (folder / "current").symlink_to("versions/1")
    kept = [f"model-{number:05}.joblib" for number in range(size) if number % 100 != 50]
    return kept + [f"new-{number:05}.joblib" for number in range(size // 100)]


def measure(root: str, keys: list[str], answer: Connection) -> None:
    """Plan once in this process and report seconds, MiB above idle, and what was found."""
    s3: Any = Listing(keys)
    repository = Repository(Path(root))
    reconciler = Reconciler(s3, "models", repository, Stager(s3, repository, 1))
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    plan = reconciler.plan()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer.send((seconds, (peak - idle) / 1024, len(plan.uploads), len(plan.removals)))
