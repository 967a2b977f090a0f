"""Generators of probes: batches of JSON instances that both forms of a model answer.

The instances are lists of values, records or strings, as users send them. Some are the uploader's
examples, most come from the model's own structure, and the rest lies far outside of it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.probes.critical_values import CriticalValues
from modelmount_compiler.verify.probes.interleaving import (
    HUNDRED,
    Batch,
    cut,
    deferred,
    draw,
    in_other_company,
    in_turns,
)
from modelmount_compiler.verify.probes.row_sampler import Rows, RowSampler
from modelmount_compiler.verify.probes.text_generator import TextGenerator

ROWS = 4096
FEWEST_ROWS = 256
MOST_CELLS = 2**20  # limits the rows of wide models, so that sampling stays short
TEXTS = 4096
# Rows with an edge case; each is a call by itself.
EDGE_CASES, EDGE_CASES_PER_COLUMN, MOST_EDGE_CASES = 64, 8, 192


class ProbeGenerator(Protocol):
    """Generates the probes of one model."""

    def typical(self, n: int) -> Batch:
        """Return n instances that the model is likely to accept."""

    def batches(self) -> Iterator[Batch]:
        """Yield every batch; the first ones are a mixture of all kinds."""


class RowProbes:
    """Generates probes for a model of rows.

    Args:
        sampler: samples rows.
        signature: the model's inputs.
        examples: instances that the uploader gave.
        boundary_rows: returns rows next to decision boundaries; called when their turn comes.
        rng: chooses the rows that come in other company once more.
    """

    def __init__(
        self,
        sampler: RowSampler,
        signature: Signature,
        examples: Sequence[Any],
        boundary_rows: Callable[[], Rows],
        rng: np.random.Generator,
    ) -> None:
        self._sampler = sampler
        self._signature = signature
        self._examples = list(examples)
        self._boundary_rows = boundary_rows
        self._rng = rng

    def typical(self, n: int) -> Batch:
        return self._sampler.typical(n)

    def batches(self) -> Iterator[Batch]:
        rows, width = self._sampler, len(self._sampler.columns)
        hundred = max(1, min(HUNDRED, MOST_CELLS // 8 // width))
        count = max(FEWEST_ROWS, min(ROWS, MOST_CELLS // width))
        is_matrix = (self._signature.input, self._signature.dtype) == ("matrix", "number")
        by_width = min(EDGE_CASES + EDGE_CASES_PER_COLUMN * width, MOST_EDGE_CASES)
        edge_cases = EDGE_CASES if is_matrix else by_width
        holes = 64 if self._signature.allows_missing else 1
        sources = [
            cut(self._examples, singles=16),
            draw(rows.typical, count // 4, hundred, singles=16),
            draw(rows.on_decision_paths, count // 2, hundred, singles=16),
            draw(rows.on_many_scales, count // 4, hundred, singles=16),
            draw(rows.near_stored_rows, count // 8, hundred, singles=4),
            draw(rows.with_missing_values, holes, hundred, singles=min(16, holes)),
            draw(rows.with_edge_case, edge_cases, hundred, singles=edge_cases),
            self._edge_cases_among_others(0 if is_matrix else edge_cases),
            deferred(lambda: cut(rows.constant(), singles=8)),
            deferred(lambda: cut(self._boundary_rows(), singles=16)),
            deferred(lambda: cut(self._records(48), singles=8)),
        ]
        return in_other_company(in_turns(sources), self._rng, nulls=holes > 1)

    def _edge_cases_among_others(self, count: int) -> Iterator[Batch]:
        """Put each edge case between typical rows: a column's type depends on all of its rows."""
        for i, row in enumerate(self._sampler.with_edge_case(count)):
            batch = self._sampler.typical(2)
            batch.insert(i % 3, row)
            yield batch

    def _records(self, n: int) -> Batch:
        names = self._signature.columns
        if names is None:
            return []
        return [dict(zip(names, row, strict=True)) for row in self._sampler.typical(n)]


class TextProbes:
    """Generates probes for a model of texts."""

    def __init__(
        self, estimator: object, examples: Sequence[Any], rng: np.random.Generator
    ) -> None:
        self._examples = list(examples)
        vocabulary = CriticalValues(estimator, 1, rng).vocabularies.get(0, ())
        self._generator = TextGenerator(vocabulary, rng)
        self._rng = rng

    def typical(self, n: int) -> Batch:
        return [self._generator.text() for _ in range(n)]

    def batches(self) -> Iterator[Batch]:
        edge_cases = self._generator.edge_cases()
        sources = [
            cut(self._examples, singles=32),
            draw(self.typical, TEXTS, HUNDRED, singles=64),
            iter([[text] for text in edge_cases]),
            iter([edge_cases]),
        ]
        return in_other_company(in_turns(sources), self._rng, nulls=False)
