"""Sends mutated bodies of each medium to models of each kind, and prints what became of them.

python -m tests.fuzz.media --bodies 100000 --medium csv --medium npy --seed 1
"""

import argparse
import logging
import sys
import time

from tests.fuzz.media import answers, bodies


def main() -> int:
    """Fuzz the media that are named, or all; return 1 if a body showed a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.media", description=__doc__)
    parser.add_argument("--bodies", type=int, default=1000, help="of each medium")
    parser.add_argument("--medium", action="append", choices=tuple(bodies.MAKERS), dest="mediums")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print(f"seed {given.seed}", flush=True)
    faults = answers.run(given.mediums or list(bodies.MAKERS), given.seed, given.bodies)
    for fault in faults[:20]:
        print(f"  {fault}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
