"""The verifier proves one compiled program equal to its reference model, and times both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from modelmount_compiler.compilation import MethodProof, Timing
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.verify import calls, parity, predictors, timing
from modelmount_compiler.verify.fitted_data import FittedData
from modelmount_compiler.verify.probes import decision_boundaries
from modelmount_compiler.verify.probes.critical_values import CriticalValues
from modelmount_compiler.verify.probes.generators import ProbeGenerator, RowProbes, TextProbes
from modelmount_compiler.verify.probes.interleaving import Batch
from modelmount_compiler.verify.probes.record_probes import RecordProbes
from modelmount_compiler.verify.probes.row_sampler import Rows, RowSampler

# Shares of the allowed time. Probing and the search for decision boundaries end at them.
PROBING_SHARE, SEARCH_SHARE = 0.7, 0.3
TIMING_SECONDS = 0.1  # for one method at one number of rows
TIMING_DRAWS = 20  # attempts to find rows that the model accepts


@dataclass(frozen=True, slots=True)
class Reference:
    """The original model that a compiled program is compared with.

    Attributes:
        estimator: the original, whose methods are compared.
        signature: the inputs and methods of the original.
        served: the original as it would be served, which is timed.
        examples: instances that the uploader gave.
        watch: makes the context of each call of the original.
    """

    estimator: Any
    signature: Signature
    served: Model
    examples: Sequence[Any] = ()
    watch: calls.Watch = calls.unwatched


class Verifier:
    """Compares one program with its reference.

    Args:
        program: the compiled program.
        reference: the original.
        started: start of the allowed time, on the clock `time.monotonic`.
        seconds: the allowed time.
        seed: seed of the probes.
    """

    def __init__(
        self, program: Program, reference: Reference, started: float, seconds: float, seed: int
    ) -> None:
        self._program = program
        self._reference = reference
        self._started = started
        self._seconds = seconds
        self._rng = np.random.default_rng(seed)
        self._predictor = predictors.from_estimator(
            reference.estimator, reference.signature, reference.watch, self._fitted_data()
        )
        self._probes = self._make_probes(reference.estimator, reference.signature)

    def proofs(self) -> list[MethodProof]:
        """Return the proof of every method in the signature."""
        signature = self._reference.signature
        outputs = self._program.outputs
        proofs = parity.prove(
            self._predictor,
            predictors.from_program(self._program, signature),
            [method for method in signature.methods if method in outputs],
            self._probes.batches(),
            classifies=signature.classes is not None,
            deadline=self._started + PROBING_SHARE * self._seconds,
        )
        missing = "it has no compiled form"
        rest = [m for m in signature.methods if m not in outputs]
        return [
            *(proof if proof.reason else self._timed(proof) for proof in proofs),
            *(MethodProof(method, 0, 0, 0, 0.0, 0.0, reason=missing) for method in rest),
        ]

    def _timed(self, proof: MethodProof) -> MethodProof:
        original = self._reference.served
        compiled = ProgramModel(self._program, self._reference.signature)

        def measure(rows: int) -> Timing:
            instances = self._accepted_instances(rows, proof.method)
            with self._reference.watch(rows):
                return timing.measure(
                    original.infer, compiled.infer, proof.method, instances, TIMING_SECONDS
                )

        try:
            return timing.decide_rows(proof, measure)
        except InputMismatch as error:
            return replace(proof, reason=f"no rows were found to time it with: {error}")

    def _accepted_instances(self, rows: int, method: Method) -> Batch:
        """Return instances that the model accepts, if a few draws give any."""
        for _ in range(TIMING_DRAWS):
            instances = self._probes.typical(rows)
            if not self._refuses(method, instances):
                break
        return instances

    def _fitted_data(self) -> FittedData:
        estimator, signature = self._reference.estimator, self._reference.signature
        learned = CriticalValues(estimator, signature.n_features or 0, self._rng).categories
        return FittedData(signature, learned)

    def _make_probes(self, estimator: object, signature: Signature) -> ProbeGenerator:
        examples = self._reference.examples
        if signature.input == "text":
            return TextProbes(estimator, examples, self._rng)
        if signature.input == "records":
            return RecordProbes(estimator, examples, self._accepts, self._rng)
        sampler = RowSampler(estimator, signature, self._accepts, self._rng, examples)
        return RowProbes(
            sampler, signature, examples, lambda: self._boundary_rows(sampler), self._rng
        )

    def _accepts(self, rows: Rows) -> bool:
        return not self._refuses(self._reference.signature.methods[0], rows)

    def _refuses(self, method: Method, instances: Batch) -> bool:
        answer = calls.try_predict(self._predictor, method, instances)
        return isinstance(answer, calls.Refusal)

    def _boundary_rows(self, sampler: RowSampler) -> Rows:
        """Return rows next to which the original's label changes, if it gives labels."""
        if "predict" not in self._reference.signature.methods:
            return []
        deadline = self._started + SEARCH_SHARE * self._seconds
        return decision_boundaries.find(sampler, self._labels, self._rng, deadline)

    def _labels(self, rows: Rows) -> decision_boundaries.Labels | None:
        """Return the original's labels, or None if it returns numbers or refuses."""
        answer = calls.try_predict(self._predictor, "predict", rows)
        if isinstance(answer, calls.Refusal):
            return None
        labels = np.asarray(answer)
        names_classes = self._reference.signature.classes is not None
        return labels if names_classes or labels.dtype.kind != "f" else None
