"""Fits, saves, scans, loads, describes and compiles kinds of models, in one environment.

python -m tests.versions.child FOLDER SECONDS NAMES

NAMES is a JSON list, or null for all kinds. SECONDS are for compiling and proving each model; with
0 it is compiled without the gate, so that nothing but the judge holds it against its original.

It leaves a folder for each kind, with the program and the original's own answers, and prints a
line of JSON about each.
"""

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from modelmount_compiler.compilation import Compilation, MethodProof
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.program import file
from modelmount_compiler.signature import METHODS, Signature
from preparation import compile as compiling
from preparation import describe
from preparation.scan import pickle_scan
from serving.errors import UploadRejected
from serving.records import codec
from tests.sweep.questions import questions
from tests.sweep.spelling import rows_of
from tests.versions import saving, zoo

BYTES = 2**30
SEED = 20


def main(folder: Path, seconds: float, names: list[str] | None) -> None:
    """Try all kinds of these names."""
    for number, kind in enumerate(zoo.kinds()):
        if names is not None and kind.name not in names:
            continue
        place = folder / str(number)
        place.mkdir()
        begun = time.monotonic()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            told = tried(kind, number, place, seconds)
        took = round(time.monotonic() - begun, 1)
        print(
            json.dumps({"kind": kind.name, "place": str(place), "took": took, **told}), flush=True
        )


def tried(kind: zoo.Kind, number: int, place: Path, seconds: float) -> dict[str, Any]:
    """Take one kind the way of an upload; return the outcome and its reason."""
    try:
        model, data = zoo.quietly(kind.fit)
    except Exception as error:  # whatever the version's own libraries raise
        return {"outcome": "not fitted", "reason": f"{type(error).__name__}: {error}"[:300]}
    path, fmt = saving.save(model, place, number)
    try:
        pickle_scan.scan(path, fmt, BYTES)
        described = describe.describe(path, fmt)
    except (ModelRejected, UploadRejected) as error:
        return {"outcome": "refused", "reason": str(error)}
    except Exception as error:  # a fault of the product
        return {"outcome": "failed", "reason": f"{type(error).__name__}: {error}"}
    if seconds:
        made = compiling.attempt(path, fmt, place / "compiled", seconds, [])
    else:
        made = _unproven(path, place / "compiled", described.signature)
    (place / "signature.json").write_text(json.dumps(codec.encode(described.signature)))
    (place / "answers.json").write_text(json.dumps(answers(model, data, described.signature)))
    flips = sum(proof.flips for proof in made.methods)
    failed = [f"{proof.method}: {proof.reason}" for proof in made.methods if proof.reason]
    outcome = "original" if made.file is None else "compiled"
    reasons = [made.reason] if made.reason else failed
    proven = [proof.method for proof in made.methods if not proof.reason]
    return {"outcome": outcome, "reason": "; ".join(reasons), "flips": flips, "methods": proven}


def _unproven(path: Path, target: Path, signature: Signature) -> Compilation:
    """Compile without the gate; each method that has a compiled form counts."""
    try:
        program = compile_model(import_runtime("sklearn").load(path, "joblib"), signature)
    except NotCompilable as error:
        return Compilation(None, str(error))
    file.write(target, program)
    proofs = [MethodProof(method, 0, 0, 0, 0.0, 0.0) for method in program.outputs]
    return Compilation(target.name, None, tuple(proofs))


def answers(model: Any, data: Any, signature: Any) -> list[dict[str, Any]]:
    """Return the original's own answers to questions, each with the instances of a client."""
    found = []
    asked = getattr(model, "predict", None) and not hasattr(model, "get_params")
    for question in questions(data, np.random.default_rng(SEED)):
        rows = rows_of(question.rows)
        instances = _instances(question.rows, rows, signature)
        for method in METHODS:
            if asked or not hasattr(model, method):
                continue  # a bare Booster takes matrices of its own: the gate alone judges it
            try:
                answer = _arrays(_flat(model, getattr(model, method)(question.rows)))
            except Exception:
                answer = None
            found.append({"instances": instances, "method": method, "answer": answer})
    return found


def _instances(data: Any, rows: list[Any], signature: Any) -> list[Any]:
    if signature.columns is None:
        return rows
    return [dict(zip(signature.columns, row, strict=True)) for row in rows]


def _flat(model: Any, answer: Any) -> Any:
    """Return CatBoost's labels, which are a column of a matrix, as one label for each row."""
    is_column = type(model).__module__.startswith("catboost") and np.shape(answer)[1:] == (1,)
    return answer[:, 0] if is_column else answer


def _arrays(answer: Any) -> dict[str, Any]:
    outputs = answer if isinstance(answer, list) else [answer]
    dense = [np.asarray(each.toarray() if hasattr(each, "toarray") else each) for each in outputs]
    kinds = ["str" if each.dtype.kind == "U" else str(each.dtype) for each in dense]
    values = [each.tolist() for each in dense]
    shapes = [each.shape for each in dense]
    return {"list": isinstance(answer, list), "kinds": kinds, "values": values, "shapes": shapes}


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), json.loads(sys.argv[3]))
