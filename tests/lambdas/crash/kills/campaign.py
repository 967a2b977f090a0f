"""Runs all kills as a program of its own, because it forks and must have no threads.

python -m tests.lambdas.crash.kills.campaign KILLS FOLDER
"""

import dataclasses
import json
import shutil
import sys
from pathlib import Path

from tests.lambdas.crash.kills import any_time, every_call
from tests.lambdas.crash.kills.report import Report
from tests.lambdas.crash.scenarios import SCENARIOS

AT_ANY_TIME = 150
# From so many kills on, a reconciler too is killed at each call.
THOROUGH = 1000


def run(kills: int, folder: Path) -> Report:
    """Kill at the calls of every step, then at any time, at least so often in all."""
    total = Report()
    for scenario in SCENARIOS:
        (folder / "steps").mkdir(parents=True)
        apart = 1 if kills >= THOROUGH else scenario.apart
        total.add(every_call.run(scenario, folder / "steps", apart))
        shutil.rmtree(folder / "steps")
    total.add(any_time.run(folder, max(kills - total.kills, AT_ANY_TIME)))
    return total


if __name__ == "__main__":
    report = run(int(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(json.dumps(dataclasses.asdict(report)))
