"""Handles many uploads at once, then checks every model.

python -m tests.lambdas.crash.concurrent_uploads FOLDER SEED
"""

import multiprocessing
import random
import sys
from pathlib import Path

from loader.bucket.events import ObjectEvent
from loader.publish import Publisher
from loader.staging.stager import Stager
from serving.records.verdicts import Candidate
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket
from tests.lambdas.crash.steps import DESCRIPTION

MODELS, WRITES, LOADERS, RETAIN = 50, 4, 8, 2


def handle(folder: Path, events: list[ObjectEvent]) -> None:
    """Take events from upload to publication, as one loader does."""
    repository = Repository(folder)
    stager = Stager(bucket.client(), repository, 10_000_000)
    publisher = Publisher(repository, RETAIN)
    for event in events:
        verdict = stager.judge(event)
        if isinstance(verdict, Candidate):
            prepared = repository.candidates.describe(verdict.candidate, DESCRIPTION)
            verdict = verdict.with_result(prepared)
        if verdict is not None:
            publisher.act(verdict)


def main(folder: Path, seed: int) -> int:
    """Handle all events, shuffled, in parallel; return how many models ended as they should."""
    print(f"seed {seed}")
    events = [
        bucket.created(model * 10 + write, f"model-{model}.pkl")
        for model in range(MODELS)
        for write in range(WRITES)
    ]
    random.Random(seed).shuffle(events)
    fork = multiprocessing.get_context("fork")
    loaders = [
        fork.Process(target=handle, args=(folder, events[number::LOADERS]))
        for number in range(LOADERS)
    ]
    for loader in loaders:
        loader.start()
    for loader in loaders:
        loader.join()
        assert loader.exitcode == 0
    right = sum(is_right(Repository(folder), model) for model in range(MODELS))
    print(f"{MODELS} models, {len(events)} uploads: right {right}")
    return right


def is_right(repository: Repository, model: int) -> bool:
    """Whether the newest write serves, whole, and nothing is left on its way."""
    key, newest = f"model-{model}.pkl", f"w{model * 10 + WRITES - 1}"
    resolved = repository.models.resolve(f"model-{model}")
    status = repository.models.status(f"model-{model}")
    return (
        resolved.manifest.source.version_id == newest
        and resolved.model_file.read_bytes() == bucket.content(key, newest)
        and not status.pending
        and not status.rejected
        and len(status.ready) <= RETAIN
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
