"""The three functions of an upload in one process, over moto's S3 and a temporary folder."""

import io
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from loader.bucket.events import ObjectEvent
from loader.publish import Publisher
from loader.staging.stager import Stager
from preparation.prepare import Preparer
from serving.api.application import Application, Request, Response
from serving.records.key_layouts import BY_DEFAULT, KeyLayouts
from serving.records.verdicts import Verdict
from serving.repository.candidates import Candidates
from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository
from serving.service.service import Service
from tests.lambdas.remembering import RememberingPreparer

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET = "models"


def dumped(model: Any) -> bytes:
    """Return what joblib.dump writes."""
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def classifier(shift: int = 0) -> BaseEstimator:
    """Return a small fitted model whose labels tell which one it is: 0 or 1, plus `shift`."""
    features = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.1], [1.0, 0.9]])
    return LogisticRegression().fit(features, np.array([0, 1, 0, 1]) + shift)


@dataclass
class Deployment:
    """Upload with `put`, delete with `remove`, ask with `call`."""

    s3: "S3Client"
    root: Path
    retain_versions: int = 5
    max_model_bytes: int = 10_000_000
    trusted_formats: tuple[str, ...] = ("joblib", "pickle")
    prepare_with: type[Preparer] = RememberingPreparer
    layouts: KeyLayouts = BY_DEFAULT
    sequence: int = 0
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    judged_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.repository = Repository(self.root)
        self.stager = Stager(self.s3, self.repository, self.max_model_bytes)
        self.preparer = self.prepare_with(
            Candidates(self.root / "candidates"), self.trusted_formats, 4096
        )
        self.publisher = Publisher(self.repository, self.retain_versions)
        self.application = Application(
            Service(ModelReader(self.root / "models"), budget_bytes=2**30, refresh_seconds=0),
            allowed_origins=("*",),
            max_answer_bytes=2**20,
        )

    def event(self, name: str, key: str, version_id: str) -> ObjectEvent:
        self.sequence += 1
        moment = "2026-11-21T01:02:03.000Z"
        read = self.layouts.read(key)
        return ObjectEvent(name, BUCKET, read, version_id, f"{self.sequence:018X}", moment)

    def put(self, key: str, data: bytes) -> ObjectEvent:
        self._wait_a_second(key)
        version = self.s3.put_object(Bucket=BUCKET, Key=key, Body=data)["VersionId"]
        return self.event("ObjectCreated:Put", key, version)

    def delete(self, key: str) -> ObjectEvent:
        self._wait_a_second(key)
        marker = self.s3.delete_object(Bucket=BUCKET, Key=key)["VersionId"]
        return self.event("ObjectRemoved:DeleteMarkerCreated", key, marker)

    def judge(self, event: ObjectEvent) -> Verdict | None:
        verdict = self.stager.judge(event)
        self.judged_at[event.key.text] = time.time()
        return verdict and self.preparer.judge(verdict, 60.0)

    def _wait_a_second(self, key: str) -> None:
        """S3 tells times in whole seconds, and an object that is prepared for real is older."""
        judged_at = self.judged_at.get(key, 0.0)
        time.sleep(max(0.0, int(judged_at) + 1 - time.time()))

    def handle(self, event: ObjectEvent) -> dict[str, Any] | None:
        verdict = self.judge(event)
        return None if verdict is None else self.publisher.act(verdict)

    def upload(self, key: str, data: bytes) -> dict[str, Any] | None:
        return self.handle(self.put(key, data))

    def call(self, method: str, path: str, body: bytes = b"") -> Response:
        return self.application.respond(Request(method, path, {}, body))
