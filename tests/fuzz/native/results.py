"""The figures of long runs, which are added up beside this file; docs/security.md shows them."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.formats.model_formats import RUNTIMES
from tests.fuzz.native.processes import Tally

RESULTS = Path(__file__).with_name("results.json")
ENDED, SERVED = "ended the preparer's child", "served"
COLUMNS = ("format", "mutants", "refused", ENDED, SERVED, "ended or hung inference")
NAMES = {
    "ubj": "XGBoost, `.ubj`",
    "json": "XGBoost, `.json`",
    "txt": "LightGBM",
    "cbm": "CatBoost",
    "onnx": "ONNX",
    "skops": "`.skops`",
    "joblib": "`.joblib`",
    "program": "compiled forms",
    "recognised": "any, recognised alone",
}


@dataclass(frozen=True)
class Run:
    """One run over one format."""

    date: str
    kind: str
    seed: int
    seconds: int
    outcomes: dict[str, int]
    faults: list[str]


def add(path: Path, date: str, kind: str, seed: int, seconds: float, tally: Tally) -> None:
    """Add a run to a file."""
    run = Run(date, kind, seed, round(seconds), dict(tally.outcomes), tally.faults)
    path.write_text(json.dumps([*_stored(path), vars(run)], indent=1) + "\n", encoding="utf-8")


def table(path: Path = RESULTS) -> str:
    """Return the sums of all runs by format, as the documentation has them."""
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    runs = [Run(**stored) for stored in _stored(path)]
    for kind, name in NAMES.items():
        of_kind = [run for run in runs if run.kind == kind]
        outcomes: Counter[str] = sum((Counter(run.outcomes) for run in of_kind), Counter())
        faults = sum(len(run.faults) for run in of_kind)
        served = outcomes[SERVED] + sum(outcomes[name] for name in RUNTIMES)
        refused = outcomes.total() - outcomes[ENDED] - served - faults
        counts = (outcomes.total(), refused, outcomes[ENDED], served, faults)
        if outcomes:
            rows.append((name, *(f"{count:,}" for count in counts)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _stored(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []
