"""Uploads every model of ONNX's test suite, asks it, and writes the table of what became of them.

    PYTHONPATH=.:lambdas python -m tests.conformance.onnx_suite [--sample 200 --seed 1] [--write]

`--write` replaces results.json beside this file and the table in docs/onnx.md. It returns 1 where
an answer is wrong.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.conformance.onnx_suite import judging, table
from tests.conformance.onnx_suite.cases import VARIANTS, cases, suite
from tests.conformance.onnx_suite.judging import Outcome


def run(names: set[str] | None) -> list[Outcome]:
    """Judge the models with these names, or all, in both variants."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            judging.judge(case, Path(folder))
            for variant in VARIANTS
            for case in cases(variant, names)
        ]


def sampled(count: int, seed: int) -> set[str]:
    """Return the names of so many models, drawn by the seed."""
    names = sorted({test.name for test in suite()})
    return set(random.Random(seed).sample(names, count))


def main() -> int:
    """Run all, or a sample, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.onnx_suite")
    parser.add_argument("--sample", type=int, help="so many models in place of all")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the sample")
    parser.add_argument("--write", action="store_true", help="write the results")
    given = parser.parse_args()
    print(f"seed {given.seed}")
    started = time.monotonic()
    outcomes = run(sampled(given.sample, given.seed) if given.sample else None)
    print(table.markdown(outcomes))
    wrong = [outcome for outcome in outcomes if outcome.verdict in judging.FAULTS]
    for outcome in wrong:
        print(f"{outcome.name} ({outcome.variant}) {outcome.verdict}: {outcome.reason}")
    print(f"{len(outcomes)} in {time.monotonic() - started:.0f} s")
    if given.write and not given.sample:
        table.write(outcomes)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
