"""Runs every experiment at length and writes what was found beside this file.

python -m tests.nfs.full_run [NAME …] (`make nfs`). It takes about half an hour, and ends with
status 1 where something isn't as it must be. With names it runs those alone, and keeps what is
known of the others.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.nfs.machine import ROOT, SCRIPT, Machine

RESULTS = Path(__file__).with_name("results.md")
HOURS = 3600.0
PRUNES = 200
SOON = 2.0  # seconds
HEADING = re.compile(r"^(?=## )", re.MULTILINE)


@dataclass(frozen=True)
class Experiment:
    """One run of an experiment, and what must hold of what it finds."""

    name: str
    arguments: tuple[str, ...]
    options: str
    holds: Callable[[Any], bool]

    @property
    def title(self) -> str:
        """How it was called."""
        return " ".join((self.name, *self.arguments))


def _is_soon(found: Any) -> bool:
    """Whether all is seen soon, and the bare link isn't: else nothing is shown."""
    is_cached = any(seconds is None or seconds > SOON for seconds in found["plain"])
    return is_cached and all(
        seconds is not None and seconds <= SOON for seconds in found["seen"].values()
    )


def _is_whole(found: Any) -> bool:
    return not found["torn"] and not found["lost"] and found["kills"] > 0


EXPERIMENTS = (
    Experiment("visibility", ("215", "70"), "", _is_soon),
    Experiment("cost", (), "", lambda found: sum(found.values()) == 4),
    Experiment("transfer", (), "", lambda found: True),
    Experiment("alternation", ("300", "1"), "", lambda found: not found["differences"]),
    Experiment("alternation", ("300", "2"), "actimeo=600", lambda found: not found["differences"]),
    Experiment(
        "mapped_readers", (str(PRUNES),), "", lambda found: found["read"] == {"answered": PRUNES}
    ),
    Experiment("open_files", (), "", lambda found: found["left_afterwards"] == 0),
    Experiment("crashes", ("1", "3", "200"), "actimeo=1", _is_whole),
    Experiment("uploads", ("0",), "actimeo=1", lambda found: found["right"] == found["models"]),
)


def main(names: list[str]) -> int:
    """Run the experiments of these names, or all."""
    packages = ROOT / ".nfs"
    subprocess.run([SCRIPT, packages], check=True)
    rows, failed = _known(), 0
    for experiment in EXPERIMENTS:
        if names and experiment.name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            machine = Machine(packages, Path(folder))
            found = machine.run(
                experiment.name, *experiment.arguments, options=experiment.options, seconds=HOURS
            )
        is_well = experiment.holds(found)
        failed += not is_well
        print(
            f"{'well' if is_well else 'AMISS'}: {experiment.name} {json.dumps(found)}", flush=True
        )
        rows[experiment.title] = _row(experiment, found)
        RESULTS.write_text(_page(rows), encoding="utf-8")
    return 1 if failed else 0


def _known() -> dict[str, str]:
    """Return what the page has, by the titles of experiments that there still are."""
    _, *rows = HEADING.split(RESULTS.read_text(encoding="utf-8"))
    titled = {row.partition("\n")[0].removeprefix("## "): row.rstrip() + "\n" for row in rows}
    return {each.title: titled[each.title] for each in EXPERIMENTS if each.title in titled}


def _page(rows: dict[str, str]) -> str:
    return (
        "# What `make nfs` found\n\n"
        "[README.md](README.md) says what each experiment is, and what must hold.\n\n"
        + "\n".join(rows.values())
    )


def _row(experiment: Experiment, found: Any) -> str:
    options = experiment.options or "the default options"
    return (
        f"## {experiment.title}\n\nOn {datetime.now(UTC):%Y-%m-%d}, with {options}:\n\n"
        f"```json\n{json.dumps(found, indent=1)}\n```\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
