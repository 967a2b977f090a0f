"""The steps of one upload, and the small repository with which scenarios begin."""

import hashlib
from typing import Any

from loader.publish import Publisher
from modelmount_compiler.signature import Signature
from serving.records.manifest import Description, ModelFile, Source
from serving.records.verdicts import Candidate, Verdict
from serving.records.versions import version_of
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket

RETAIN = 3
SIGNATURE = Signature("matrix", "number", 1, None, False, ("predict",))
DESCRIPTION = Description("pickle", "sklearn", "x.Y", SIGNATURE, 10, 0.1, {})


def key(version: int) -> str:
    return f"iris/{version}/m.pkl"


def stage(repository: Repository, origin: Source) -> Candidate:
    """Copy an upload, and describe it."""
    candidate = copied(repository, origin)
    return candidate.with_result(repository.candidates.describe(candidate.candidate, DESCRIPTION))


def copied(repository: Repository, origin: Source) -> Candidate:
    name = origin.object_key
    version, data = version_of(name, origin), bucket.content(origin.key, origin.version_id)
    pending = repository.announce(name.model, version, origin)
    (repository.candidates.files(pending.candidate) / name.filename).write_bytes(data)
    checksum = hashlib.sha256(data).hexdigest()
    repository.arrived(pending, ModelFile(name.filename, len(data), checksum))
    return Candidate(name.model, version, pending.candidate, name.filename, origin)


def act(repository: Repository, verdict: Verdict) -> dict[str, Any]:
    return Publisher(repository, RETAIN).act(verdict)


def begin(repository: Repository) -> None:
    for second in (1, 2, 3):
        act(repository, stage(repository, bucket.source(second, key(second))))
