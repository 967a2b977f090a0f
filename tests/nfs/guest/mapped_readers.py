"""Readers that hold a version which is pruned while they are frozen for longer than their lease.

Argument: how many versions are pruned under a reader each. A few more readers map their file, which
inference doesn't: they show that a mapping would have ended them.
"""

import hashlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np

from modelmount_compiler.compilation import Compilation, MethodProof
from modelmount_compiler.program import Node, Program, file, safetensors
from modelmount_compiler.program.operations.linear.linear_models import Projection
from modelmount_compiler.signature import Signature
from serving.records.manifest import Description
from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository
from serving.service import loading
from serving.service.originals import Originals
from tests.lambdas.crash import bucket
from tests.lambdas.crash.kills.processes import Child
from tests.lambdas.crash.steps import copied
from tests.nfs.guest import clients
from tests.nfs.guest.report import found
from workers.bounds import Bounds

MODEL = "iris"
FEATURES = 1024
SIGNATURE = Signature("matrix", "number", FEATURES, None, False, ("transform",))
CONTROLS = 3
Answer = Callable[[], float]


def main(prunes: str = "8") -> None:
    """Prune so many versions under their readers, and count how these end."""
    root = Path("r")
    repository = Repository.laid_out(clients.path(0) / root)
    models = ModelReader(clients.path(1) / root / "models")
    _publish(repository, 1)
    begun = time.monotonic()
    read = Counter(_round(repository, models, n, load) for n in range(1, int(prunes) + 1))
    took = time.monotonic() - begun
    last = int(prunes) + 1
    mapped = Counter(_round(repository, models, last + n, map_it) for n in range(CONTROLS))
    found({"read": read, "mapped": mapped, "seconds": round(took, 1)})


def load(models: ModelReader) -> Answer:
    """Load the version that serves as inference does; return what asks it."""
    model = loading.load(models.resolve(MODEL), "compiled", Originals(Bounds())).value
    return lambda: float(model.infer([[1.0] * FEATURES], "transform")[0][0])


def map_it(models: ModelReader) -> Answer:
    """Load it likewise, but map its file, as on a disk of this machine."""
    with patch.object(safetensors, "_is_local", lambda device: True):
        return load(models)


def _round(
    repository: Repository,
    models: ModelReader,
    version: int,
    hold: Callable[[ModelReader], Answer],
) -> str:
    """Prune a version under its reader, and return how the reader ended."""
    ready, resume = os.pipe(), os.pipe()

    def reader() -> str:
        ask = hold(models)
        os.write(ready[1], b".")
        os.read(resume[0], 1)  # frozen
        if ask() != FEATURES * version:
            return "wrong"
        newer = load(models)()
        return "answered" if newer == FEATURES * (version + 1) else "wrong"

    child = Child(reader)
    os.read(ready[0], 1)
    _publish(repository, version + 1)
    clients.expire_leases()
    clients.drop_caches()
    os.write(resume[1], b".")
    for end in (*ready, *resume):
        os.close(end)
    return _end(child)


def _end(child: Child) -> str:
    try:
        return str(child.result())
    except RuntimeError as error:
        killed = str(error).endswith(f"status {int(signal.SIGBUS)}")
        return "SIGBUS" if killed else str(error)


def _publish(repository: Repository, version: int) -> None:
    """Publish a version whose compiled form is large enough to be mapped, and prune the others."""
    candidate = copied(repository, bucket.source(version, f"{MODEL}/{version}/m.pkl"))
    rows = safetensors.MAPPED_BYTES // 8 // FEATURES + 1
    weights = np.zeros((FEATURES, rows))
    weights[:, 0] = version
    path = repository.candidates.compiled(candidate.candidate)
    file.write(path, Program([Node(Projection(weights), (0,))], {"transform": 1}))
    proof = MethodProof("transform", 1, 0, 0, 0.0, 1e-9)
    size = path.stat().st_size
    compilation = Compilation(path.name, None, (proof,), compiled_bytes=size)
    about = Description("pickle", "sklearn", "x.Y", SIGNATURE, size, 1.0, {}, compilation)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    prepared = repository.candidates.describe(candidate.candidate, about, sha256)
    repository.publish(MODEL, str(version), candidate.candidate, 1, prepared)
