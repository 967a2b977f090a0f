"""Uploads by hand, without S3 or a preparer."""

import hashlib

from modelmount_compiler.signature import Signature
from serving.records.manifest import Description, ModelFile, Source
from serving.records.uploads import Pending
from serving.repository.repository import Repository
from tests.lambdas.prepared import prepared

SIGNATURE = Signature("matrix", "number", 1, None, False, ("predict",))
DESCRIPTION = Description("joblib", "sklearn", "x.Y", SIGNATURE, 10, 0.1, {})


def source(second: int, key: str = "iris.joblib") -> Source:
    moment = f"2026-11-21T01:02:{second:02}Z"
    return Source("models", key, f"write-{second}", moment, "etag", 3, f"{second:016X}")


def stage(repository: Repository, version: str, origin: Source, content: bytes = b"abc") -> Pending:
    pending = repository.announce("iris", version, origin)
    path = repository.candidates.files(pending.candidate) / "model.joblib"
    path.write_bytes(content)
    checksum = hashlib.sha256(content).hexdigest()
    repository.arrived(pending, ModelFile("model.joblib", len(content), checksum))
    repository.candidates.describe(pending.candidate, DESCRIPTION)
    return pending


def publish(repository: Repository, version: str, second: int, retain: int = 5) -> str:
    pending = stage(repository, version, source(second), version.encode())
    return repository.publish(
        "iris", version, pending.candidate, retain, prepared(repository, pending.candidate)
    ).result
