"""A forest of half a gigabyte: how long it takes to load and what memory, in a process of its own.

Run as `python -m benchmarks.serving.large_forest FORM FILE`, it loads the file as `joblib` or as
`compiled`, answers one row and prints its figures.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def measure(form: str, path: Path, features: int) -> dict[str, float]:
    """Load in a new process; return seconds to load, MiB above idle at most, and µs of one row."""
    command = [sys.executable, "-m", __spec__.name, form, str(path), str(features)]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'lambdas'}"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603 (our own arguments)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _loaded(form: str, path: Path) -> Any:
    if form == "joblib":
        import joblib  # noqa: PLC0415 (one form without the other's imports)

        return joblib.load(path).predict_proba
    from modelmount_compiler.program import file  # noqa: PLC0415 (as above)

    program = file.read(path)
    return lambda batch: program.run("predict_proba", batch)


def _peak() -> float:
    """Return MiB. Not `ru_maxrss`, which begins with the peak of the process it came from."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def _main(form: str, path: Path, features: int) -> None:
    import_all = {"joblib": "sklearn.ensemble", "compiled": "modelmount_compiler.program.file"}
    __import__(import_all[form])
    idle, begun = _peak(), time.perf_counter()
    ask = _loaded(form, path)
    loaded = time.perf_counter() - begun
    batch = np.zeros((1, features))
    ask(batch)
    begun = time.perf_counter()
    ask(batch)
    one = time.perf_counter() - begun
    print(json.dumps({"seconds": loaded, "mib": _peak() - idle, "row_us": one * 1e6}))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
