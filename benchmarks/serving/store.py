"""A repository with one model in it, published as an upload is."""

import hashlib
import time
from pathlib import Path

import joblib

from benchmarks.serving.models import Trained
from preparation.prepare import Preparer
from serving.records.manifest import Manifest, ModelFile, Source
from serving.records.verdicts import Candidate
from serving.repository.candidates import Candidates
from serving.repository.repository import Repository

MEMORY_MB = 10_240
SECONDS = 900.0
COMPILE_SECONDS = 120.0


def publish(
    trained: Trained, root: Path, compile_seconds: float = COMPILE_SECONDS
) -> tuple[Manifest, Path]:
    """Save, prepare and publish a model; return its manifest and the file that was saved."""
    repository = Repository(root)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    source = Source("bucket", f"{trained.name}/1/model.joblib", "1", moment, "etag", 1)
    pending = repository.announce(trained.name, "1", source)
    saved = repository.candidates.files(pending.candidate) / "model.joblib"
    joblib.dump(trained.estimator, saved)
    content = saved.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    repository.arrived(pending, ModelFile(saved.name, len(content), digest))
    verdict = Candidate(trained.name, "1", pending.candidate, saved.name, source)
    preparer = Preparer(
        Candidates(root / "candidates"), ("joblib",), MEMORY_MB, compile_seconds=compile_seconds
    )
    judged = preparer.judge(verdict, SECONDS)
    if not isinstance(judged, Candidate) or judged.prepared is None:
        raise SystemExit(f"{trained.name} was refused: {judged}")
    repository.publish(trained.name, "1", pending.candidate, 5, judged.prepared)
    manifest = repository.published(trained.name, "1")
    if manifest is None:
        raise SystemExit(f"{trained.name} wasn't published")
    return manifest, repository.models.resolve(trained.name).model_file
