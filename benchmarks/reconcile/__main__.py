"""Measures time and memory of reconcile's comparison of 100, 1,000 and 10,000 models.

    python -m benchmarks.reconcile

Every model has one version and one object; one in a hundred objects is unknown to the file system
and one in a hundred versions is gone from the bucket. The listing comes from memory in pages of a
thousand, as S3 gives it; the file system is a real one. Peak memory is the process's own, above
what it had when idle.
"""

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import tempfile
from pathlib import Path

from benchmarks.reconcile.compare import fill, measure

SIZES = (100, 1_000, 10_000)
RUNS = 5


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reconcile", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of models")
    parser.add_argument("--runs", type=int, default=RUNS, help="times each is run (default 5)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="for figures")
    return parser.parse_args()


def main() -> None:
    """Measure every size and print a table; `results.json` gets the figures."""
    options = arguments()
    spawn = multiprocessing.get_context("spawn")
    results = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as root:
            keys = fill(Path(root), size)
            runs = []
            for _ in range(options.runs):
                receive, send = spawn.Pipe(duplex=False)
                child = spawn.Process(target=measure, args=(root, keys, send))
                child.start()
                runs.append(receive.recv())
                child.join()
        assert {run[2:] for run in runs} == {(size // 100, size // 100)}  # noqa: S101 (the figures mean nothing else)
        seconds, mib = (statistics.median(run[i] for run in runs) for i in (0, 1))
        results.append({"models": size, "seconds": round(seconds, 3), "peak_mib": round(mib, 1)})
        print(f"{size:>6} models: {seconds:7.3f} s, {mib:6.1f} MiB above idle", flush=True)
    machine = {"machine": platform.machine(), "cores": os.cpu_count()}
    versions = {"python": platform.python_version(), "runs": options.runs}
    report = {**machine, **versions, "results": results}
    (options.output / "results.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
