"""Measure what compiling a model gains: warm latency, cold start, and a large forest.

    PYTHONPATH=.:lambdas python -m benchmarks.serving [--rounds 5] [--only latency|cold|large]

prints ratios within one run and writes results.json beside this file; see docs/benchmarks.md.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from benchmarks.serving import cold_start, large_forest, latency, machine, models
from benchmarks.serving.store import MEMORY_MB, publish
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.program import file

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
LAMBDAS = HERE.parents[1] / "lambdas"
METHODS = ("predict", "predict_proba")
LARGE_ROWS = 200_000  # which a hundred trees learn by heart in half a gigabyte
Figures = dict[str, Any]


def warm(rounds: int, root: Path) -> Figures:
    """Compare the warm handler with the model's own methods."""
    found = {}
    for train in models.ALL:
        trained = train()
        manifest, _ = publish(trained, root / trained.name)
        for method in METHODS:
            for rows in (1, 100):
                runs = [
                    latency.compare(trained, method, rows, root / trained.name, manifest)
                    for _ in range(rounds)
                ]
                median = {k: round(statistics.median(r[k] for r in runs), 1) for k in runs[0]}
                median["own_to_handler"] = round(median["own"] / median["handler"], 1)
                median["overhead"] = round(median["handler"] - median.get("compiled", 0), 1)
                name = f"{trained.name}, {method}, {rows} rows"
                print(f"{name:40} {median}", flush=True)
                found[name] = median
    return found


def cold(rounds: int, root: Path) -> Figures:
    """Compare the start of a process to its first answer with the naive handler's."""
    found = {}
    for train in models.ALL:
        trained = train()
        folder = root / f"cold-{trained.name}"
        _, saved = publish(trained, folder)
        event = latency.proxy_event(models.body(trained.name, trained.rows[:1], "predict"))
        ours = serving_environment(folder, trained.name)
        contestants: dict[str, tuple[str, Path, Mapping[str, str]]] = {
            "naive": ("naive.handler", HERE, {"MODEL_FILE": str(saved)}),
            "ours": ("inference.handler.handler", LAMBDAS, ours),
        }
        times: dict[str, list[float]] = {name: [] for name in contestants}
        for number in range(rounds + 1):
            for name, (handler, task_root, environment) in contestants.items():
                ms, answer = cold_start.first_answer(handler, task_root, environment, event)
                if answer["statusCode"] != 200:
                    raise SystemExit(f"{name}: {answer}")
                if number:  # the first round byte-compiles
                    times[name].append(ms)
        median = {f"{k}_ms": round(statistics.median(v), 1) for k, v in times.items()}
        median["naive_to_ours"] = round(median["naive_ms"] / median["ours_ms"], 2)
        print(f"cold start, {trained.name:28} {median}", flush=True)
        found[trained.name] = median
    return found


def serving_environment(folder: Path, model: str) -> dict[str, str]:
    """Return what the inference function has in its environment."""
    return {
        "MODEL_DIR": str(folder / "models"),
        "ALLOWED_ORIGINS": "*",
        "PRELOAD": model,
        "REFRESH_SECONDS": "1",
        "LOG_LEVEL": "WARNING",
        "PREDICT_SECONDS": "20",
        "FALL_BACK": "off",
        "CAPTURE_PERCENT": "0",
        "CAPTURE_REDACT": "[]",
        "CAPTURE_MAX_BYTES": "65536",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
    }


def large(rounds: int, root: Path) -> Figures:
    """Compare a forest of half a gigabyte, as compiled and as joblib saved it."""
    import joblib  # noqa: PLC0415 (for this part alone)

    rng = np.random.default_rng(0)
    x = rng.normal(size=(LARGE_ROWS, 20))
    y = rng.integers(0, 2, len(x))
    forest = RandomForestClassifier(100, n_jobs=-1, random_state=0).fit(x, y)
    files = {"joblib": root / "forest.joblib", "compiled": root / "forest.compiled"}
    joblib.dump(forest, files["joblib"])
    file.write(files["compiled"], compile_model(forest, runtime.describe(forest)))
    found: Figures = {}
    for name, path in files.items():
        runs = [large_forest.measure(name, path, x.shape[1]) for _ in range(rounds)]
        found[name] = {k: round(statistics.median(r[k] for r in runs), 4) for k in runs[0]}
        found[name]["file_mib"] = round(path.stat().st_size / 2**20, 1)
        print(f"large forest, {name:12} {found[name]}", flush=True)
    return found


PARTS = {"latency": warm, "cold": cold, "large": large}


def main() -> None:
    """Run the parts asked for and keep their figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    results: Figures = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = machine.describe()
    with tempfile.TemporaryDirectory() as folder:
        for name, part in PARTS.items():
            if options.only in (None, name):
                results[name] = part(options.rounds, Path(folder))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
