"""Kills each step at each of its file-system calls in turn, and runs it again."""

import contextlib
import itertools
import os
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository
from tests.lambdas.crash import state
from tests.lambdas.crash.kills.processes import Child, Killed, reading
from tests.lambdas.crash.kills.report import Report
from tests.lambdas.crash.scenarios import Scenario
from tests.lambdas.crash.steps import begin
from tests.lambdas.crash.system_calls import WRITING, SystemCalls, kill

# How long a listing of a folder may be old: nothing but a client of NFS sets it.
LISTED_SECONDS = 0.0


def run(scenario: Scenario, folder: Path, apart: int = 1) -> Report:
    """Kill at every call in turn, or at calls so many `apart`, until the step gets through."""
    start, live, report = folder / "start", folder / "live", Report()
    repository = Repository(start)
    begin(repository)
    asked = scenario.asked(repository)
    expected = undisturbed(scenario, start, asked)
    _show(start, live)
    with reading(lambda: _look(live, scenario), folder / "stop") as found:
        for call in itertools.count(1, apart):
            if not _kill(scenario, call, start, live, asked, expected, report):
                break
    report.saw(found)
    return report


def undisturbed(scenario: Scenario, start: Path, asked: Any) -> dict[str, Any]:
    repository = copy(start, start.parent / uuid.uuid4().hex)
    scenario.step(repository, asked)
    scenario.rest(repository, asked)
    return state.snapshot(repository)


def _kill(
    scenario: Scenario,
    call: int,
    start: Path,
    live: Path,
    asked: Any,
    expected: Any,
    report: Report,
) -> bool:
    """Kill once; False when the step got through."""
    root = start.with_name(f"killed-{call}")
    repository = copy(start, root)
    _show(root, live)

    def step() -> None:
        with SystemCalls(WRITING, call, kill):
            scenario.step(repository, asked)

    try:
        Child(step).result()
        return False
    except Killed:
        report.kills += 1
    with report.noticing(f"{scenario.name}, killed at call {call}"):
        _look(live, scenario)
    scenario.step(repository, asked)
    scenario.rest(repository, asked)
    with report.noticing(f"{scenario.name}, asked again after a kill at call {call}"):
        report.compare(expected, state.snapshot(repository))
    report.compare([], swept(repository, root))
    return True


def swept(repository: Repository, root: Path) -> list[Path]:
    """Return the candidates and temporary files that are left after a sweep.

    A client of NFS may list a folder as it was a moment ago, so it sweeps once more.
    """
    time.sleep(0.002)  # a folder's time may lag behind the clock by a tick
    left = _swept(repository, root)
    if left and LISTED_SECONDS:
        time.sleep(LISTED_SECONDS)
        left = _swept(repository, root)
    return left


def _swept(repository: Repository, root: Path) -> list[Path]:
    repository.sweep(older_than=0)
    return [*(root / "candidates").iterdir(), *state.strays(root)]


def _look(live: Path, scenario: Scenario) -> None:
    seen = state.read(ModelReader(live.readlink() / "models"), "iris")
    if seen not in scenario.seen:
        raise state.Torn(f"{scenario.name}: {seen} serves")


def copy(start: Path, root: Path) -> Repository:
    # By links: nothing that is there is ever written to.
    shutil.copytree(start, root, symlinks=True, copy_function=os.link)
    return Repository(root)


def _show(root: Path, live: Path) -> None:
    """Let readers turn to this repository."""
    temporary = live.with_name("next")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    temporary.symlink_to(root)
    temporary.replace(live)
