"""A local system: the synthesized templates, with their functions under the runtime client."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from benchmarks.workers import hostile
from tests.e2e.conftest import synthesize
from tests.local.sample_run import Run, start
from tests.soak import models
from tests.soak.callers import Reply

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 4  # of each function
PATIENCE_SECONDS = 60
# How the template says how long an answer may take, and what it shall say.
PATIENT, IMPATIENT = '"PREDICT_SECONDS": "20"', '"PREDICT_SECONDS": "6"'


class LocalDoor:
    """A running system."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._url = f"{run.endpoints['api']}/inference"

    def ask(self, model: str, instances: list[Any]) -> Reply:
        """Ask the REST API."""
        body = {"model": model, "instances": instances}
        begun = time.perf_counter()
        answer = requests.post(self._url, json=body, timeout=PATIENCE_SECONDS)
        return Reply(answer.status_code, answer.json(), time.perf_counter() - begun)

    def ended(self) -> int:
        """Count the system, where it has ended; a function that ends fails its caller."""
        return int(self._run.process.poll() is not None)


@contextlib.contextmanager
def opened(folder: Path, assembly: Path | None = None) -> Iterator[LocalDoor]:
    """Start a system, put the models where published ones lie, and serve them.

    Args:
        assembly: what was synthesized, if it was.
    """
    hurried = folder / "cdk.out"
    shutil.copytree(assembly or synthesize(ROOT, folder / "synthesized"), hurried)
    for path in hurried.glob("*.template.json"):
        path.write_text(path.read_text().replace(PATIENT, IMPATIENT))
    state = folder / "state"
    run = start(hurried, state, "--max-processes", str(PROCESSES))
    try:
        _lift_guard(state)
        (root,) = state.glob("efs/*/export/lambda")
        models.publish(root)
        yield LocalDoor(run)
    finally:
        run.stop()


def _lift_guard(state: Path) -> None:
    """Lift the loader's policy in the image, as `PYTHONPATH` does elsewhere."""
    handlers = list(state.glob("images/**/inference/handler.py"))
    assert handlers
    for handler in handlers:
        shutil.copytree(hostile.UNGUARDED, handler.parents[1], dirs_exist_ok=True)
