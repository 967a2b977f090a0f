"""Tries mutants of model files, and prints what became of them.

    export PYTHONPATH=.:lambdas
    python -m tests.fuzz.native --mutants 100000 --format ubj --format onnx --seed 1 --seconds 600

`--write` adds the figures to results.json, and prints the table of docs/security.md.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.fuzz.native import bases, results
from tests.fuzz.native.processes import fuzz


def main() -> int:
    """Fuzz the formats that are named, or all; return 1 if a mutant showed a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.native", description=__doc__)
    parser.add_argument("--mutants", type=int, default=1000, help="of each format")
    parser.add_argument("--format", action="append", choices=tuple(bases.MAKERS), dest="formats")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, default=86_400, help="the most for each format")
    parser.add_argument("--write", action="store_true", help="add the figures to results.json")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    faults = 0
    for kind in given.formats or tuple(bases.MAKERS):
        bases.files(kind)
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            tally = fuzz(kind, given.seed, given.mutants, Path(folder), given.seconds)
        took = time.monotonic() - started
        told = ", ".join(f"{name} {count}" for name, count in tally.outcomes.most_common())
        print(f"{kind}: {tally.run} mutants in {took:.0f} s: {told}", flush=True)
        for fault in tally.faults[:20]:
            print(f"  {fault}", flush=True)
        faults += len(tally.faults)
        if given.write:
            today = f"{datetime.now(UTC):%Y-%m-%d}"
            results.add(results.RESULTS, today, kind, given.seed, took, tally)
    if given.write:
        print(results.table())
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
