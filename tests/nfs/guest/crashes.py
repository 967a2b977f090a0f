"""The crash tests of `tests/lambdas/crash`, with every process on a client of its own.

Arguments: every so many-th scenario is taken, killed at calls so many apart; and so many processes
are killed at random times.
"""

import dataclasses
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.lambdas.crash.kills import any_time, every_call, processes
from tests.lambdas.crash.kills.report import Report
from tests.lambdas.crash.scenarios import SCENARIOS
from tests.nfs.guest import clients
from tests.nfs.guest.report import found

ROOT = Path(__file__).resolve().parents[3]
# Between two looks of a reader: this machine has one processor.
POLL_SECONDS = 0.02
LISTED_SECONDS = 1.5  # these runs have `actimeo=1`


def main(every: str, apart: str, kills: str) -> None:
    """Kill, and compare."""
    os.chdir(ROOT)
    total = Report()
    run = processes._run
    on_clients = patch.object(processes, "_run", lambda task, end: run(moved(task), end))
    with (
        on_clients,
        patch.object(processes, "POLL_SECONDS", POLL_SECONDS),
        patch.object(every_call, "LISTED_SECONDS", LISTED_SECONDS),
    ):
        for scenario in SCENARIOS[:: int(every)]:
            folder = clients.HERE / "steps"
            folder.mkdir()
            total.add(every_call.run(scenario, folder, scenario.apart * int(apart)))
            shutil.rmtree(folder)
        (clients.HERE / "any").mkdir()
        total.add(any_time.run(clients.HERE / "any", int(kills)))
    found(dataclasses.asdict(total))


def moved(task: Callable[..., Any]) -> Callable[..., Any]:
    """Return a task that becomes one of the clients first, and not the one of this process."""

    def elsewhere(*arguments: Any) -> Any:
        clients.become(random.Random(os.getpid()).randrange(1, clients.COUNT))
        return task(*arguments)

    return elsewhere
