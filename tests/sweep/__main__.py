"""Runs the sweep over all models, or over a sample, and prints what it counted."""

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.sweep.endpoint import Endpoint
from tests.sweep.outcomes import Outcomes
from tests.sweep.run import SWITCHED_OFF, sweep
from tests.sweep.zoo import kinds

PAGE = Path(__file__).parents[2] / "docs" / "compiler" / "sweep.md"
SEED = 20


def main() -> int:
    """Run it; return 1 where an answer was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.sweep")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--models", type=int, help="a sample of so many (default: all)")
    parser.add_argument("--only", default="", help="those whose name holds this")
    parser.add_argument("--compile-seconds", type=float, default=20.0)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    options = parser.parse_args()
    chosen = [kind for kind in kinds() if options.only in kind.name]
    if options.models is not None:
        places = np.random.default_rng(options.seed).permutation(len(chosen))[: options.models]
        chosen = [chosen[i] for i in sorted(places)]
    outcomes = Outcomes()
    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint(Path(folder), options.compile_seconds)
        for number, kind in enumerate(chosen):
            wrong = len(outcomes.wrong)
            sweep(kind, endpoint, f"m{number}", options.seed, outcomes)
            print(f"{kind.name}: {len(outcomes.wrong) - wrong} wrong", flush=True)
    print("\n".join(outcomes.wrong))
    print("\n".join(f"refused: {name}: {why}" for name, why in outcomes.refused_kinds.items()))
    print(f"seed {options.seed}\n{outcomes}")
    if options.write:
        PAGE.write_text(page(outcomes, options.seed), "utf-8")
    return 1 if outcomes.wrong else 0


def page(outcomes: Outcomes, seed: int) -> str:
    """Return the result as a page of the documentation."""
    today = datetime.datetime.now(datetime.UTC).date()
    without = f" Without {', '.join(SWITCHED_OFF)}." if SWITCHED_OFF else ""
    refused = [f"{name}: {why}" for name, why in sorted(outcomes.refused_kinds.items())]
    return f"""# The sweep

Written by `python -m tests.sweep --write`. [README.md](README.md#what-the-gate-asks) says what is
asked. Run on {today} with seed {seed}.{without}

```text
{outcomes}
```

Refused at upload:

```text
{chr(10).join(refused) or "none"}
```
"""


if __name__ == "__main__":
    sys.exit(main())
