"""From a loaded model to a compiled file that is proven and worth having, or the reason why not."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from modelmount_compiler.compilation import Compilation, MethodProof, Timing
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import Model, program_model
from modelmount_compiler.program import Program, file
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.verify import parity, predictors, timing
from modelmount_compiler.verify.probes import decision_boundaries
from modelmount_compiler.verify.probes.generators import Batch, Probes, RowProbes, TextProbes
from modelmount_compiler.verify.probes.row_sampler import Rows, Sampler

SEED = 20
# Shares of the time allowed after which no probe is made, and no search for boundaries goes on.
PROBING, SEARCHING = 0.7, 0.3
TIMING_SECONDS = 0.1  # of one method at one size
DRAWS = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """A model to compile.

    Attributes:
        estimator: the original, whose methods are compared.
        served: the original as it is served, which is timed.
        examples: instances of the uploader's, if any.
    """

    estimator: Any
    signature: Signature
    served: Model
    examples: Sequence[Any] = ()


def compile_to(target: Path, subject: Subject, *, seconds: float, seed: int = SEED) -> Compilation:
    """Compile a model and leave the program at `target` if it passes; the record tells either way.

    What is proven is the program as read back from its file.

    Args:
        seconds: what compiling and proving should take at most. Probes are left out when time
            runs short, down to a number that proves too little; a converter isn't interrupted.
    """
    started = time.monotonic()
    unproven = target.with_name(f"{target.name}.unproven")
    try:
        file.write(unproven, compile_model(subject.estimator, subject.signature))
        proofs = Gate(file.read(unproven), subject, started, seconds, seed).proofs()
        compilation = _concluded(unproven, target, proofs)
    except NotCompilable as error:
        compilation = Compilation(None, str(error))
    finally:
        unproven.unlink(missing_ok=True)
    took = round(time.monotonic() - started, 2)
    return replace(compilation, seed=seed, seconds=took, seconds_allowed=seconds)


def _concluded(unproven: Path, target: Path, proofs: list[MethodProof]) -> Compilation:
    failed = [f"{proof.method}: {proof.reason}" for proof in proofs if proof.reason]
    if len(failed) == len(proofs):
        return Compilation(None, failed[0], tuple(proofs))
    load_ms = timing.load_ms(unproven)
    unproven.replace(target)
    return Compilation(
        file=target.name,
        reason=None,
        methods=tuple(proofs),
        compiled_load_ms=load_ms,
        compiled_bytes=target.stat().st_size,
    )


class Gate:
    """Holds one program against its original."""

    def __init__(
        self, program: Program, subject: Subject, started: float, seconds: float, seed: int
    ) -> None:
        self._program = program
        self._subject = subject
        self._started = started
        self._seconds = seconds
        self._rng = np.random.default_rng(seed)
        self._ask = predictors.of_estimator(subject.estimator, subject.signature)
        self._probes = self._make_probes(subject.estimator, subject.signature)

    def proofs(self) -> list[MethodProof]:
        """Return the figures of every method of the signature."""
        signature = self._subject.signature
        outputs = self._program.outputs
        proofs = parity.prove(
            self._ask,
            predictors.of_program(self._program, signature),
            [method for method in signature.methods if method in outputs],
            self._probes.batches(),
            classifies=signature.classes is not None,
            deadline=self._started + PROBING * self._seconds,
        )
        missing = "it has no compiled form"
        rest = [m for m in signature.methods if m not in outputs]
        return [
            *(proof if proof.reason else self._timed(proof) for proof in proofs),
            *(MethodProof(method, 0, 0, 0, 0.0, 0.0, reason=missing) for method in rest),
        ]

    def _timed(self, proof: MethodProof) -> MethodProof:
        served, signature = self._subject.served, self._subject.signature
        fast = program_model.Model(self._program, signature)

        def measured(rows: int) -> Timing:
            instances = self._taken(rows, proof.method)
            return timing.measure(served.infer, fast.infer, proof.method, instances, TIMING_SECONDS)

        try:
            return timing.decide(proof, measured)
        except InputMismatch as error:
            return replace(proof, reason=f"no rows were found to time it with: {error}")

    def _taken(self, rows: int, method: Method) -> Batch:
        """Return instances that the model takes, if a few draws give any."""
        for _ in range(DRAWS):
            instances = self._probes.ordinary(rows)
            if not isinstance(predictors.answer(self._ask, method, instances), predictors.Refused):
                break
        return instances

    def _make_probes(self, estimator: object, signature: Signature) -> Probes:
        examples = self._subject.examples
        if signature.input == "text":
            return TextProbes(estimator, examples, self._rng)
        sampler = Sampler(estimator, signature, self._accepts, self._rng, examples)
        return RowProbes(sampler, signature, examples, lambda: self._edges(sampler))

    def _accepts(self, rows: Rows) -> bool:
        method = self._subject.signature.methods[0]
        return not isinstance(predictors.answer(self._ask, method, rows), predictors.Refused)

    def _edges(self, sampler: Sampler) -> Rows:
        """Return rows next to which the original's label changes, if it gives labels."""
        if "predict" not in self._subject.signature.methods:
            return []
        deadline = self._started + SEARCHING * self._seconds
        return decision_boundaries.find(sampler, self._labels, self._rng, deadline)

    def _labels(self, rows: Rows) -> decision_boundaries.Labels | None:
        """Return the original's labels, or None where it gives numbers, or nothing."""
        found = predictors.answer(self._ask, "predict", rows)
        if isinstance(found, predictors.Refused):
            return None
        labels = np.asarray(found)
        names_classes = self._subject.signature.classes is not None
        return labels if names_classes or labels.dtype.kind != "f" else None
