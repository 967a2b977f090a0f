"""Holds compiled models of third-party libraries against their originals' own answers.

python -m tests.third_party.judge [--random N] [NAME…]

For each model: fits it, saves it, scans and loads the file under the policy, describes, compiles,
and compares both forms on the same JSON instances, one by one and together. Prints a JSON report.
"""

import contextlib
import io
import json
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.soundness import checks
from modelmount_compiler.instances import inputs
from modelmount_compiler.program import file
from modelmount_compiler.verify.comparison import FLOAT32_BOUND, FLOAT64_BOUND, compare, is_float32
from preparation.scan import pickle_scan
from serving.errors import UploadRejected
from tests.third_party import cases, random_cases
from tests.third_party.tables import questions

REFUSALS = (InputMismatch, ValueError, TypeError, KeyError)
LARGEST = 1 << 30


def judged(case: cases.Case) -> dict[str, Any]:
    """Return what became of one model: where it ended, and each difference."""
    found: dict[str, Any] = {"case": case.name, "stage": "fit", "differences": []}
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        try:
            with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
                case.model.fit(case.table, case.target)
            path = Path(folder) / "model.joblib"
            joblib.dump(case.model, path)
            found["stage"] = "load"
            pickle_scan.scan(path, "joblib", LARGEST)
            loaded = runtime.load(path, "joblib")
            checks.check_loaded(loaded, "sklearn")
            found["stage"] = "describe"
            signature = runtime.describe(loaded)
            found["stage"] = "compile"
            file.write(Path(folder) / "program", compile_model(loaded, signature))
            found["stage"] = "compared"
            program = file.read(Path(folder) / "program")
            _compare(case, loaded, signature, program, found)
        except (ModelRejected, UploadRejected, NotCompilable) as error:
            found["reason"] = str(error)
        except Exception as error:
            found["error"] = f"{type(error).__name__}: {error}"[:500]
    return found


def _compare(case: cases.Case, model: Any, signature: Any, program: Any, found: Any) -> None:
    found["methods"] = sorted(program.outputs)
    rows = questions(case.table)
    answered = 0
    for method in program.outputs:
        for batch in _batches(rows):
            expected = _answer(_original, model, method, batch, signature)
            actual = _answer(_compiled, program, method, batch, signature)
            answered += expected is not None
            if (difference := _difference(expected, actual)) and len(found["differences"]) < 5:
                found["differences"].append(f"{method} {batch[:2]!r:.200}: {difference}")
    found["answered"] = answered


def _batches(rows: list[list[Any]]) -> Iterator[list[list[Any]]]:
    yield from ([row] for row in rows)
    yield from (rows[i : i + 3] for i in range(0, len(rows), 3))
    yield rows[:12]


def _original(model: Any, method: str, batch: Any, signature: Any) -> Any:
    return getattr(model, method)(inputs.for_estimator(batch, signature))


def _compiled(program: Any, method: str, batch: Any, signature: Any) -> Any:
    return program.run(method, inputs.for_program(batch, signature))


def _answer(ask: Any, *arguments: Any) -> Any:
    """Return an answer; None where it is refused."""
    try:
        with np.errstate(all="ignore"):
            return ask(*arguments)
    except REFUSALS:
        return None


def _difference(expected: Any, actual: Any) -> str:
    if expected is None or actual is None:
        if expected is None and actual is None:
            return ""
        return f"only {'the original' if expected is None else 'the compiled form'} refuses"
    bound = FLOAT32_BOUND if is_float32(expected) else FLOAT64_BOUND
    return compare(expected, actual, labels=False, bound=bound).description


def main(arguments: list[str]) -> None:
    """Judge all cases, or those that are named, and as many random ones as are asked for."""
    count = int(arguments[arguments.index("--random") + 1]) if "--random" in arguments else 0
    names = [] if count else arguments
    known = {case.name: case for case in cases.all_cases()}
    chosen = [] if count else [known[name] for name in names or known]
    report = [judged(case) for case in (*chosen, *random_cases.drawn(count))]
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1:])
