"""Soaks each way to serve, and keeps the figures beside this file."""

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.serving import machine
from tests.soak.callers import soak
from tests.soak.doors import DOORS

RESULTS = Path(__file__).with_name("results.json")
SEED = 14
FAULTS = (
    *("honest_failed", "answers_changed", "inputs_or_secrets_seen", "errors_not_clear"),
    "processes_ended",
)


def main() -> int:
    """Run the doors that are named, or all; return 1 where something isn't as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seconds", type=float, default=120.0, help="beside hostile models")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--door", action="append", choices=tuple(DOORS), dest="doors")
    given = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    faults = 0
    for name in given.doors or tuple(DOORS):
        with tempfile.TemporaryDirectory() as folder, DOORS[name](Path(folder)) as door:
            found = soak(door, given.seconds, given.seed)
        print(name, json.dumps(found, indent=1), flush=True)
        faults += sum(found[fault] for fault in FAULTS)
        date = f"{datetime.now(UTC):%Y-%m-%d}"
        results[name] = {"date": date, "machine": machine.describe(), **found}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
