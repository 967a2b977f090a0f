"""An estimator's compiled form, held against the estimator on the same JSON instances."""

import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.soundness import checks
from modelmount_compiler.instances import inputs
from modelmount_compiler.program import Program, file
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.comparison import FLOAT32_BOUND, FLOAT64_BOUND, compare, is_float32


def title(estimator: object) -> str:
    """Return a test's id for an estimator, the same in every run: in a line, with no addresses."""
    return re.sub(r"<function (\S+) at \S+>", r"\1", " ".join(str(estimator).split()))


def stored(program: Program) -> Program:
    """Return a program as it comes back from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "compiled"
        file.write(path, program)
        return file.read(path)


def assert_same(estimator: Any, *batches: Any) -> None:
    """Compile an estimator, and compare each method on each batch, and on a row of each.

    A batch is an array of shape (n, k), which both get as it is; or JSON instances, of which both
    get what serving makes of them. What one refuses the other must refuse.
    """
    checks.check_loaded(estimator, "sklearn")  # which must refuse none of these
    signature = runtime.describe(estimator)
    program = stored(compile_model(estimator, signature))
    assert set(program.outputs) == set(signature.methods)
    for method in signature.methods:
        for batch in batches:
            for part in (batch, batch[:1], batch[-1:]):
                expected = _answer(estimator, method, part, signature)
                found = _compiled_answer(program, method, part, signature)
                _assert_same(expected, found, method, labels=hasattr(estimator, "classes_"))


def _answer(estimator: Any, method: Any, batch: Any, signature: Signature) -> Any:
    """Return what the original answers; None where it refuses."""
    try:
        rows = inputs.for_estimator(batch, signature) if isinstance(batch, list) else batch
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(estimator, method)(rows)
    except (InputMismatch, ValueError, TypeError):
        return None


def _compiled_answer(program: Program, method: Any, batch: Any, signature: Signature) -> Any:
    try:
        rows = inputs.for_program(batch, signature) if isinstance(batch, list) else batch
        return program.run(method, rows)
    except (InputMismatch, ValueError, TypeError):
        return None


def _assert_same(expected: Any, found: Any, method: str, *, labels: bool) -> None:
    if expected is None or found is None:
        refuses = "the compiled form" if found is None else "the original"
        assert expected is found, f"{method}: only {refuses} refuses"
        return
    bound = FLOAT32_BOUND if is_float32(expected) else FLOAT64_BOUND
    labels = labels and method == "predict"
    difference = compare(expected, found, labels=labels, bound=bound)
    assert not difference.description, f"{method}: {difference.description} (row {difference.row})"
    assert not difference.flips, f"{method}: {difference.flips} flips"
    assert getattr(found, "dtype", None) == getattr(expected, "dtype", None), method
