"""Sends bad values to a model of every kind, as it was uploaded and compiled.

python -m tests.fuzz.values [--model NAME ...]
"""

import argparse
import sys
import time
import warnings

from tests.fuzz.values.models import models
from tests.fuzz.values.trial import Tally, try_model


def main() -> int:
    """Try the models that are named, or all; return 1 if one failed over a value."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.values", description=__doc__)
    parser.add_argument("--model", action="append", dest="names")
    names = parser.parse_args().names
    warnings.simplefilter("ignore")
    started, tally = time.monotonic(), Tally()
    for name, model in models():
        if not names or name in names:
            try_model(name, model, tally)
    print(f"{time.monotonic() - started:.0f} s: {dict(tally.outcomes)}")
    for fault in tally.faults[:50]:
        print(f"  {fault}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
