"""Batches on which a compiled form is held against its original.

They hold instances as users send them: lists of values, records, strings. Some come from the
uploader, most from what the model learned, the rest from far outside of it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.probes.critical_values import Landmarks
from modelmount_compiler.verify.probes.row_sampler import Rows, Sampler
from modelmount_compiler.verify.probes.text_generator import Wording

Batch = list[Any]

HUNDRED = 100
ROWS = 4096
FEWEST_ROWS = 256
MOST_CELLS = 2**20  # of wide models' rows, so that drawing them stays short
TEXTS = 4096
# Rows with an odd value; each is a call by itself.
ODD_ROWS, ODD_ROWS_A_COLUMN, MOST_ODD_ROWS = 64, 8, 192


class Probes(Protocol):
    """What one model is asked."""

    def ordinary(self, n: int) -> Batch:
        """Return n instances such as the model is likely to take."""

    def batches(self) -> Iterator[Batch]:
        """Yield every batch, mixed so that the first ones stand for the whole."""


class RowProbes:
    """Probes for a model of rows.

    Args:
        examples: instances of the uploader's.
        edges: returns rows from where the answer changes; called when their turn comes.
    """

    def __init__(
        self,
        sampler: Sampler,
        signature: Signature,
        examples: Sequence[Any],
        edges: Callable[[], Rows],
    ) -> None:
        self._sampler = sampler
        self._signature = signature
        self._examples = list(examples)
        self._edges = edges

    def ordinary(self, n: int) -> Batch:  # noqa: D102
        return self._sampler.ordinary(n)

    def batches(self) -> Iterator[Batch]:  # noqa: D102
        draw, width = self._sampler, len(self._sampler.columns)
        hundred = max(1, min(HUNDRED, MOST_CELLS // 8 // width))
        count = max(FEWEST_ROWS, min(ROWS, MOST_CELLS // width))
        is_matrix = (self._signature.input, self._signature.dtype) == ("matrix", "number")
        odd = ODD_ROWS if is_matrix else min(ODD_ROWS + ODD_ROWS_A_COLUMN * width, MOST_ODD_ROWS)
        holes = 64 if self._signature.allows_missing else 1
        sources = [
            _cut(self._examples, singles=16),
            _drawn(draw.ordinary, count // 4, hundred, singles=16),
            _drawn(draw.on_paths, count // 2, hundred, singles=16),
            _drawn(draw.wide, count // 4, hundred, singles=16),
            _drawn(draw.remembered, count // 8, hundred, singles=4),
            _drawn(draw.missing, holes, hundred, singles=min(16, holes)),
            _drawn(draw.odd, odd, hundred, singles=odd),
            self._among_others(0 if is_matrix else odd),
            _late(lambda: _cut(draw.plain(), singles=8)),
            _late(lambda: _cut(self._edges(), singles=16)),
            _late(lambda: _cut(self._records(48), singles=8)),
        ]
        return _in_turns(sources)

    def _among_others(self, count: int) -> Iterator[Batch]:
        """Put odd rows among ordinary ones: all rows together say what a column is made of."""
        for i, row in enumerate(self._sampler.odd(count)):
            batch = self._sampler.ordinary(2)
            batch.insert(i % 3, row)
            yield batch

    def _records(self, n: int) -> Batch:
        names = self._signature.columns
        if names is None:
            return []
        return [dict(zip(names, row, strict=True)) for row in self._sampler.ordinary(n)]


class TextProbes:
    """Probes for a model of texts."""

    def __init__(
        self, estimator: object, examples: Sequence[Any], rng: np.random.Generator
    ) -> None:
        self._examples = list(examples)
        self._wording = Wording(Landmarks(estimator, 1, rng).words.get(0, ()), rng)

    def ordinary(self, n: int) -> Batch:  # noqa: D102
        return [self._wording.text() for _ in range(n)]

    def batches(self) -> Iterator[Batch]:  # noqa: D102
        unusual = self._wording.unusual()
        sources = [
            _cut(self._examples, singles=32),
            _drawn(self.ordinary, TEXTS, HUNDRED, singles=64),
            iter([[text] for text in unusual]),
            iter([unusual]),
        ]
        return _in_turns(sources)


def _cut(instances: Batch, singles: int) -> Iterator[Batch]:
    """Yield some instances one by one and the rest by the hundred, in turns."""
    alone = min(singles, (len(instances) + 1) // 2)
    starts = range(alone, len(instances), HUNDRED)
    hundreds = (instances[start : start + HUNDRED] for start in starts)
    return _in_turns([([one] for one in instances[:alone]), hundreds])


def _drawn(draw: Callable[[int], Batch], count: int, hundred: int, singles: int) -> Iterator[Batch]:
    """Likewise for instances that are drawn when their turn comes; fewer than asked end it."""
    alone = ([one] for _ in range(0, singles, hundred) for one in draw(min(hundred, singles)))
    rest = range(0, count - singles, hundred)
    return _in_turns([alone, (batch for _ in rest if (batch := draw(hundred)))])


def _late(source: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
    """Make a source when its turn comes, since that takes time of its own."""
    yield from source()


def _in_turns(sources: Sequence[Iterator[Batch]]) -> Iterator[Batch]:
    waiting = list(sources)
    while waiting:
        for source in list(waiting):
            batch = next(source, None)
            if batch is None:
                waiting.remove(source)
            else:
                yield batch
