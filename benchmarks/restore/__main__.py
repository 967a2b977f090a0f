"""Measures how long a lost file system takes to come back from the bucket.

    python -m benchmarks.restore
    python -m benchmarks.restore --models 40 --prepare real

The handlers of reconcile, dispatcher, preparer and publish run in this process, chained as their
destinations chain them, over moto's S3 and a folder on a real file system. One event starts it, as
the schedule's would. Every tenth model has three versions.

The preparer is real, or sleeps: loading a thousand models for real measures the machine's cores
alone. Not in these figures: Lambda's own time between functions, cold starts, and NFS.
"""

import argparse
import json
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.restore.bucket import filled_bucket
from benchmarks.restore.chain import Chain
from benchmarks.restore.check import check


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restore", description=__doc__)
    parser.add_argument("--models", type=int, default=1000, help="default 1000")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[5, 20], help="the setting")
    parser.add_argument("--prepare", default="2", help="`real`, or the seconds that it sleeps")
    parser.add_argument("--output", type=Path, help="a file for the figures, which are added to it")
    return parser.parse_args()


def measure(models: int, concurrency: int, prepare: str) -> dict[str, object]:
    """Restore into an empty folder, check what is there, and return the figures."""
    with tempfile.TemporaryDirectory() as root, filled_bucket(models) as bucket:
        chain = Chain(Path(root), bucket.name, concurrency, prepare)
        seconds = chain.restore()
        found = check(Path(root), bucket)
        again = chain.rest()
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "models": models,
        "uploads": len(bucket.uploads),
        "concurrency": concurrency,
        "prepare": prepare,
        "seconds": round(seconds, 1),
        "runs": chain.runs,
        "most_at_once": chain.most_at_once,
        "median_prepare_seconds": round(chain.median_prepare_seconds, 2),
        "left_after": again,
        **found,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def main() -> None:
    """Measure each concurrency, and print the figures."""
    options = arguments()
    for concurrency in options.concurrency:
        figures = measure(options.models, concurrency, options.prepare)
        print(json.dumps(figures), flush=True)
        if options.output:
            known = json.loads(options.output.read_text()) if options.output.exists() else []
            options.output.write_text(json.dumps([*known, figures], indent=1) + "\n")


if __name__ == "__main__":
    main()
