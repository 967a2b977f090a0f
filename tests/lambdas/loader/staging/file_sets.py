"""Uploads of versions of many files: what a test puts into the bucket, and what it looks at."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from loader.bucket.events import ObjectEvent
from serving.records.verdicts import Candidate, Verdict
from serving.repository import status_report
from serving.repository.candidates import Candidates
from tests.lambdas.deployment import Deployment, classifier, dumped
from tests.lambdas.serving.repository.uploads import DESCRIPTION

FOLDER = "gpt/1/"
MODEL = dumped(classifier())
FILES = {"model.joblib": MODEL, "code/words.txt": b"one two", "notes.txt": b""}
KEYS = [f"{FOLDER}{name}" for name in (*FILES, "model.json")]


class AcceptsAll:
    """Stands in for the preparer where only the loader is tested."""

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates

    def judge(self, verdict: Verdict, seconds: float) -> Verdict:
        if isinstance(verdict, Candidate):
            return verdict.with_result(self._candidates.describe(verdict.candidate, DESCRIPTION))
        return verdict


def accepting(deployment: Deployment) -> Deployment:
    deployment.preparer = AcceptsAll(deployment.repository.candidates)  # type: ignore[assignment]
    return deployment


def model_json(files: Mapping[str, bytes] = FILES, **fields: Any) -> bytes:
    """Return the `model.json` that lists these files."""
    digests = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    return json.dumps({"files": digests, **fields}).encode()


def objects(files: Mapping[str, bytes] = FILES, **fields: Any) -> dict[str, bytes]:
    """Return all objects of the version, by key."""
    everything = {**files, "model.json": model_json(files, **fields)}
    return {f"{FOLDER}{path}": data for path, data in everything.items()}


def put_all(deployment: Deployment, wanted: Mapping[str, bytes]) -> dict[str, ObjectEvent]:
    """Put objects without telling anybody; return their events by key."""
    return {key: deployment.put(key, data) for key, data in wanted.items()}


def upload_all(deployment: Deployment, wanted: Mapping[str, bytes]) -> list[Any]:
    """Put objects one after the other, each told at once; return what came of each."""
    return [deployment.upload(key, data) for key, data in wanted.items()]


def entry(deployment: Deployment, state: str | None = None) -> dict[str, Any]:
    """Return what is shown of version 1: its only entry, or one in this state."""
    shown = status_report.render(deployment.repository.models.status("gpt"))["versions"]
    found = [v for v in shown if v["version"] == "1" and state in (None, v["state"])]
    assert found, shown
    assert len(found) == 1 or state, shown
    return dict(found[0])


def published(deployment: Deployment) -> dict[str, bytes]:
    """Return the files of version 1 as they lie there, but for its manifest."""
    folder = deployment.repository.models.resolve("gpt", "1").folder
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
