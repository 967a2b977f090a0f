"""The gate: a compiled form serves only what it answered as its original did, on every probe."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from modelmount_compiler.compilation import MethodProof
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.signature import Method
from modelmount_compiler.verify.comparison import (
    DOUBLE_BOUND,
    SINGLE_BOUND,
    Difference,
    at,
    compare,
    is_single,
)
from modelmount_compiler.verify.predictors import Ask, Refused, answer

FEWEST_PROBES = 256
ASKED_TWICE = 3  # batches


class Tally:
    """How one method has stood so far.

    Args:
        labels: whether it answers with classes, which must be equal even where they are floats.

    Attributes:
        miss: the first answer that isn't as it must be, for people.
    """

    def __init__(self, method: Method, *, labels: bool) -> None:
        self.method = method
        self._labels = labels
        self._probes = self._refused = self._flips = 0
        self._largest, self._bound = 0.0, DOUBLE_BOUND
        self.miss: str | None = None

    def add(self, instances: Sequence[Any], expected: Any, found: Any) -> None:  # noqa: ANN401
        """Count the two answers to one batch."""
        if isinstance(expected, Refused) or isinstance(found, Refused):
            self._refusals(instances, expected, found)
            return
        if is_single(expected):
            self._bound = SINGLE_BOUND
        difference = compare(expected, found, labels=self._labels, bound=self._bound)
        self._probes += len(instances)
        self._flips += difference.flips
        self._largest = max(self._largest, difference.largest)
        if difference.words and self.miss is None:
            self.miss = _told(instances, expected, found, difference)

    def proof(self) -> MethodProof:
        """Return the figures, with the reason where the compiled form mustn't answer."""
        reason = self.miss
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

    def _refusals(self, instances: Sequence[Any], expected: Any, found: Any) -> None:  # noqa: ANN401
        ours, theirs = isinstance(expected, Refused), isinstance(found, Refused)
        if ours and theirs and (found.is_told or not expected.is_told):
            self._refused += 1
        elif self.miss is None:
            one, other = (_words(a, instances) for a in (expected, found))
            shown = _shown(instances[0]) if len(instances) == 1 else _shown(list(instances))
            self.miss = f"for {shown} the model {one}, and the compiled form {other}"


def prove(
    original: Ask,
    compiled: Ask,
    methods: Sequence[Method],
    batches: Iterable[list[Any]],
    *,
    classifies: bool,
    deadline: float,
) -> list[MethodProof]:
    """Ask both the same until the batches or the time are used up, or all methods have failed.

    Args:
        classifies: whether `predict` answers with classes.
        deadline: of `time.monotonic`.

    Raises:
        NotCompilable: the original contradicts itself.
    """
    tallies = [Tally(m, labels=classifies and m == "predict") for m in methods]
    for i, batch in enumerate(batches):
        undecided = [tally for tally in tallies if tally.miss is None]
        for tally in undecided:
            expected = answer(original, tally.method, batch)
            if i < ASKED_TWICE:
                _check_same(tally, expected, answer(original, tally.method, batch))
            tally.add(batch, expected, answer(compiled, tally.method, batch))
        if not undecided or time.monotonic() > deadline:
            break
    return [tally.proof() for tally in tallies]


def _check_same(tally: Tally, first: Any, second: Any) -> None:  # noqa: ANN401 (answers)
    refused = isinstance(first, Refused), isinstance(second, Refused)
    if any(refused):
        same = all(refused)
    else:
        same = not compare(first, second, labels=True, bound=0.0).words
    if not same:
        raise NotCompilable(f"the model's own {tally.method} differs from one call to the next")


def _told(instances: Sequence[Any], expected: Any, found: Any, difference: Difference) -> str:  # noqa: ANN401
    """Say what went wrong in the words of somebody who knows the model."""
    if difference.row is None:
        return f"the compiled form's answer {difference.words}"
    row = difference.row
    one, other = at(expected, row), at(found, row)
    return (
        f"for {_shown(instances[row])} the model answers {_shown(one)}, "
        f"and the compiled form {_shown(other)}"
    )


def _words(found: Any, instances: Sequence[Any]) -> str:  # noqa: ANN401 (an answer)
    if isinstance(found, Refused):
        return f"refuses ({type(found.error).__name__}: {str(found.error)[:200]})"
    return f"answers {_shown(at(found, 0))}" + ("" if len(instances) == 1 else ", …")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:297]}…"
