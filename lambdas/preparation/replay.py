"""Asks a compiled form once more where it will serve: with the deployment's own NumPy.

It was proven equal to its original in the original's environment, which may have another NumPy.
There, `record` keeps answers of the original; here, `check` compares the compiled form's with them.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelmount_compiler.compilation import Compilation
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.verify.comparison import FLOOR
from preparation import asking
from preparation.stages import Progress

ROWS, DRAWN, SEED = 8, 96, 21
MOST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Instances of one call, and what the original answered."""

    method: Method
    instances: tuple[Any, ...]
    answers: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The signature of a model, and what it answered."""

    signature: Signature
    asked: tuple[Asked, ...] = ()


def record(
    loaded: object,
    model: Model,
    signature: Signature,
    examples: Sequence[Any],
    progress: Progress,
) -> Recorded:
    """Ask the original; rows that it refuses are left out."""
    ends = time.monotonic() + MOST_SECONDS
    asked: list[Asked] = []

    def ask(instances: list[Any], method: Method) -> bool:
        try:
            with progress.asking(len(instances)):
                answers = model.infer(instances, method)
        except Exception:
            return False
        asked.append(Asked(method, tuple(instances), tuple(answers)))
        return True

    def accepts(rows: list[Any]) -> bool:
        try:
            with progress.asking(len(rows)):
                model.infer(rows, signature.methods[0])
        except Exception:
            return False
        return True

    for batch in _batches(_instances(loaded, signature, examples, accepts)):
        for method in signature.methods:
            if time.monotonic() < ends and not ask(batch, method):
                for instance in batch:
                    ask([instance], method)
    return Recorded(signature, tuple(asked))


def _instances(
    loaded: object,
    signature: Signature,
    examples: Sequence[Any],
    accepts: Callable[[list[Any]], bool],
) -> list[Any]:
    """Return the uploader's examples, rows like those of the fit, and odd ones."""
    from modelmount_compiler.convert.graph import NotCompilable  # noqa: PLC0415 (imports scikit-learn)
    from modelmount_compiler.verify.probes.row_sampler import RowSampler  # noqa: PLC0415 (likewise)

    found = [*examples, *asking.instances(signature)]
    if signature.input in ("matrix", "frame") and signature.n_features:
        try:
            sampler = RowSampler(loaded, signature, accepts, np.random.default_rng(SEED))
            found += [*sampler.typical(DRAWN), *sampler.near_stored_rows(DRAWN)]
        except NotCompilable:
            pass
    return found


def _batches(instances: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(instances), ROWS):
        yield instances[start : start + ROWS]


def check(program: Program, recorded: Recorded, compilation: Compilation) -> str | None:
    """Return how the compiled form differs from the original here; None where it doesn't."""
    model = ProgramModel(program, recorded.signature)
    bounds = {proof.method: proof.bound for proof in compilation.methods if proof.reason is None}
    for asked in recorded.asked:
        if asked.method not in bounds:
            continue
        is_label = asked.method == "predict" and recorded.signature.classes is not None
        try:
            answers = model.infer(list(asked.instances), asked.method)
        except InputMismatch as error:
            return f"{asked.method} refuses what the original answers: {error}"
        for expected, got in zip(asked.answers, answers, strict=True):
            if not is_equal(expected, got, 0.0 if is_label else bounds[asked.method]):
                return f"{asked.method} gives {got!r:.80}, the original {expected!r:.80}"
    return None


def is_equal(expected: Any, got: Any, bound: float) -> bool:
    """Whether an answer is the original's, by the rule of the proof; NaN is equal to NaN."""
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        return len(expected) == len(got) and all(
            is_equal(one, other, bound) for one, other in zip(expected, got, strict=True)
        )
    if type(expected) is float and isinstance(got, float):
        if not math.isfinite(expected) or not math.isfinite(got):
            return expected == got or (math.isnan(expected) and math.isnan(got))
        return abs(expected - got) <= bound * max(abs(expected), FLOOR)
    return type(expected) is type(got) and bool(expected == got)
