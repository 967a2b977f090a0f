"""Measure the cache: its memory and hits under load, and a repository of many models.

    PYTHONPATH=.:lambdas python -m benchmarks.cache [--minutes 3] [--only load|replaced|scale]

Each part runs in a process of its own and prints its figures as a line of JSON; see
docs/benchmarks.md. Files lie in the folder for temporary ones, and have holes: 200 models take no
space on disk, but up to 7 GB of the system's page cache.
"""

import argparse
import multiprocessing
import os

from benchmarks.cache import parts


def main() -> None:
    """Run the parts asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cache")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--only", choices=parts.ALL)
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the image
    spawn = multiprocessing.get_context("spawn")
    for part in parts.ALL:
        if options.only in (None, part):
            process = spawn.Process(
                target=parts.run, args=(part, options.minutes * 60, options.threads)
            )
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f"{part} failed")


if __name__ == "__main__":
    main()
