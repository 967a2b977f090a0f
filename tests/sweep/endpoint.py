"""Publishes models as an upload would, and answers requests about them, all in this process."""

import dataclasses
import hashlib
import warnings
from pathlib import Path

import joblib
from sklearn.base import BaseEstimator

from preparation import compile as compiling
from preparation import describe
from serving.api.application import Application
from serving.api.protocols import sagemaker
from serving.records.manifest import ModelFile, Source
from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository
from serving.service.service import Service
from tests.lambdas.prepared import prepared

MOMENT = "2026-11-21T01:02:03Z"
FILE = "model.joblib"


class Endpoint:
    """A repository in a folder, and the application in front of it.

    Args:
        compile_seconds: for each model; 0 to serve the originals.
    """

    def __init__(self, root: Path, compile_seconds: float) -> None:
        self._repository = Repository(root)
        self.compile_seconds = compile_seconds
        reader = ModelReader(root / "models")
        self.service = Service(reader, budget_bytes=2**31, refresh_seconds=0)
        self.application = Application(self.service, allowed_origins=("*",), max_answer_bytes=2**24)

    def publish(self, model: str, estimator: BaseEstimator) -> None:
        """Describe, compile and publish a model, and answer `/invocations` by it.

        Raises:
            ModelRejected, UploadRejected: it is refused.
        """
        source = Source("models", f"{model}/1/{FILE}", model, MOMENT, "etag", 3, "1".zfill(16))
        pending = self._repository.announce(model, "1", source)
        candidates = self._repository.candidates
        path = candidates.files(pending.candidate) / FILE
        joblib.dump(estimator, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self._repository.arrived(pending, ModelFile(FILE, path.stat().st_size, digest))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            described = describe.describe(path, "joblib")
            sha256 = None
            if self.compile_seconds:
                target = candidates.compiled(pending.candidate)
                made = compiling.attempt(path, "joblib", target, self.compile_seconds, [])
                described = dataclasses.replace(described, compilation=made)
                sha256 = hashlib.sha256(target.read_bytes()).hexdigest() if made.file else None
        candidates.describe(pending.candidate, described, sha256)
        told = prepared(self._repository, pending.candidate)
        self._repository.publish(model, "1", pending.candidate, 5, told)
        routes = sagemaker.Routes(self.service, self.service.ask, model)
        self.application.mount("invocations", routes)

    def withdraw(self, model: str) -> None:
        """Drop a model from memory, with its worker."""
        self.service.unload(model)
