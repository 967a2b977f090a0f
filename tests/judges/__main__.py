"""Compares verdicts, and keeps the counts beside this file."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from preparation.scan.pickle_scan import scan
from serving.errors import UploadRejected
from tests.judges import cases

RESULTS = Path(__file__).with_name("results.json")
SCRIPT = Path(__file__).with_name("verdicts.py")
MAX_BYTES = 2**28
OURS, HONEST = "ours", "honest models"
OF_OURS = ("published gadgets", "hidden calls", "trusted names misused", HONEST)
SCANNERS = (OURS, "fickling", "modelscan", "picklescan")


def main() -> int:
    """Judge all cases; return 1 where ours errs on one of our own."""
    parser = argparse.ArgumentParser(prog="python -m tests.judges")
    parser.add_argument("--python", required=True, help="of an environment with the others")
    parser.add_argument("--corpus", type=Path, action="append", default=[], help="recorded pickles")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        kinds = cases.write(folder)
        for corpus in given.corpus:
            kinds |= _taken(corpus, folder)
        verdicts = _verdicts(given.python, folder)
        for name, found in verdicts.items():
            found[OURS] = _refused(folder / name)
    counts: dict[str, Counter[str]] = {}
    for name, kind in kinds.items():
        count = counts.setdefault(kind, Counter(files=0))
        count["files"] += 1
        count.update(scanner for scanner in SCANNERS if verdicts[name][scanner])
    date = f"{datetime.now(UTC):%Y-%m-%d}"
    told = {"date": date, "refused": {kind: dict(count) for kind, count in counts.items()}}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(table(told))
    return int(any(_errs(kind, count) for kind, count in counts.items()))


def table(told: dict[str, Any]) -> str:
    """Return the counts as the documentation has them."""
    rows = [("pickles", "files", *(f"refused by {name}" for name in SCANNERS))]
    rows.append(("---",) * len(rows[0]))
    for kind, count in told["refused"].items():
        rows.append((kind, *(f"{count.get(name, 0):,}" for name in ("files", *SCANNERS))))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _errs(kind: str, count: Counter[str]) -> bool:
    return kind in OF_OURS and count[OURS] != (0 if kind == HONEST else count["files"])


def _taken(corpus: Path, folder: Path) -> dict[str, str]:
    """Take the pickles of a corpus, of that kind; return the kinds."""
    kinds = {}
    for path in sorted(corpus.iterdir()):
        name = f"{corpus.name}-{path.name}"
        (folder / name).write_bytes(path.read_bytes())
        kinds[name] = f"tests of {corpus.name}"
    return kinds


def _verdicts(python: str, folder: Path) -> dict[str, dict[str, bool]]:
    done = subprocess.run(
        [python, str(SCRIPT), str(folder)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, dict[str, bool]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _refused(path: Path) -> bool:
    try:
        scan(path, "pickle", MAX_BYTES)
    except UploadRejected:
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
