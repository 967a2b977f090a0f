"""The parity check: both forms answer the same batches, and every difference is counted."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from modelmount_compiler.compilation import MethodProof
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.signature import Method
from modelmount_compiler.verify.calls import Predictor, Refusal, try_predict
from modelmount_compiler.verify.comparison import (
    FLOAT32_BOUND,
    FLOAT64_BOUND,
    Difference,
    compare,
    is_float32,
    row_answer,
    shorten,
)

FEWEST_PROBES = 256
REPEATED_BATCHES = 3  # batches that the reference answers twice, to see that it is deterministic


class Tally:
    """Counts how the answers of one method compare.

    Args:
        method: the method that both forms answer.
        labels: whether the method returns classes, which must be equal even if they are floats.

    Attributes:
        mismatch: describes the first wrong answer for people; None if there was none.
    """

    def __init__(self, method: Method, *, labels: bool) -> None:
        self.method = method
        self._labels = labels
        self._probes = self._refused = self._flips = 0
        self._largest, self._bound = 0.0, FLOAT64_BOUND
        self.mismatch: str | None = None

    def add(self, instances: Sequence[Any], expected: Any, found: Any) -> None:
        """Compare the two answers to one batch."""
        if isinstance(expected, Refusal) or isinstance(found, Refusal):
            self._add_refusal(instances, expected, found)
            return
        if is_float32(expected):
            self._bound = FLOAT32_BOUND
        difference = compare(expected, found, labels=self._labels, bound=self._bound)
        self._probes += len(instances)
        self._flips += difference.flips
        self._largest = max(self._largest, difference.largest)
        if difference.description and self.mismatch is None:
            self.mismatch = _describe(instances, expected, found, difference)

    def proof(self) -> MethodProof:
        """Return the counts, with a reason if the compiled form must not answer."""
        reason = self.mismatch
        if reason is None and self._probes < FEWEST_PROBES:
            reason = (
                f"only {self._probes} probes were answered, and {FEWEST_PROBES} are the fewest "
                "that prove anything; it is too slow, or refuses most of them"
            )
        return MethodProof(
            self.method,
            self._probes,
            self._refused,
            self._flips,
            self._largest,
            self._bound,
            reason=reason,
        )

    def _add_refusal(self, instances: Sequence[Any], expected: Any, found: Any) -> None:
        both = isinstance(expected, Refusal) and isinstance(found, Refusal)
        if both and (found.is_input_error or not expected.is_input_error):
            self._refused += 1
        elif self.mismatch is None:
            one, other = (_outcome(answer, instances) for answer in (expected, found))
            shown = shorten(instances[0]) if len(instances) == 1 else shorten(list(instances))
            self.mismatch = f"for {shown} the model {one}, and the compiled form {other}"


def prove(
    reference: Predictor,
    candidate: Predictor,
    methods: Sequence[Method],
    batches: Iterable[list[Any]],
    *,
    classifies: bool,
    deadline: float,
) -> list[MethodProof]:
    """Compare both predictors until batches or time run out, or every method has failed.

    Args:
        reference: calls the original.
        candidate: runs the compiled program.
        methods: the methods that both have.
        batches: batches of JSON instances.
        classifies: whether `predict` returns classes.
        deadline: end of the check, on the clock `time.monotonic`.

    Raises:
        NotCompilable: the original gives two answers to the same batch.
    """
    tallies = [Tally(m, labels=classifies and m == "predict") for m in methods]
    for i, batch in enumerate(batches):
        undecided = [tally for tally in tallies if tally.mismatch is None]
        for tally in undecided:
            expected = try_predict(reference, tally.method, batch)
            if i < REPEATED_BATCHES:
                again = try_predict(reference, tally.method, batch)
                _check_deterministic(tally, expected, again)
            tally.add(batch, expected, try_predict(candidate, tally.method, batch))
        if not undecided or time.monotonic() > deadline:
            break
    return [tally.proof() for tally in tallies]


def _check_deterministic(tally: Tally, first: Any, second: Any) -> None:
    refused = isinstance(first, Refusal), isinstance(second, Refusal)
    if any(refused):
        same = all(refused)
    else:
        same = not compare(first, second, labels=True, bound=0.0).description
    if not same:
        raise NotCompilable(f"the model's own {tally.method} differs from one call to the next")


def _describe(
    instances: Sequence[Any],
    expected: Any,
    found: Any,
    difference: Difference,
) -> str:
    """Describe a wrong answer in the words of somebody who knows the model."""
    if difference.row is None:
        return f"the compiled form's answer {difference.description}"
    row = difference.row
    one, other = row_answer(expected, row), row_answer(found, row)
    return (
        f"for {shorten(instances[row])} the model answers {shorten(one)}, "
        f"and the compiled form {shorten(other)}"
    )


def _outcome(found: Any, instances: Sequence[Any]) -> str:
    if isinstance(found, Refusal):
        return f"refuses ({type(found.error).__name__}: {str(found.error)[:200]})"
    return f"answers {shorten(row_answer(found, 0))}" + ("" if len(instances) == 1 else ", …")
