"""Generates probes for a model of records, as `DictVectorizer` takes them."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.probes.interleaving import (
    HUNDRED,
    Batch,
    cut,
    draw,
    in_other_company,
    in_turns,
)
from modelmount_compiler.verify.probes.row_sampler import Accepts, RowSampler

RECORDS, ROWS = 2048, 1024
WIDEST = 5000
# Shares of records that lack a name, and of names with a value that is unknown.
LACKING, UNKNOWN = 0.1, 0.05
UNKNOWN_TEXTS = ("", "unseen", "\x00", "é\U0001f600")
NUMBERS = (0, 1, -1, 0.5, 1e6, -1e6, 1e-9, True, False)


class RecordProbes:
    """Generates records of the names and texts that a vectorizer learned, and of others.

    Args:
        estimator: a `DictVectorizer`, or a pipeline that begins with one.
        accepts: whether the original answers some records.
    """

    def __init__(
        self,
        estimator: Any,
        examples: Sequence[Any],
        accepts: Accepts,
        rng: np.random.Generator,
    ) -> None:
        self._examples = [each for each in examples if isinstance(each, dict)]
        self._rng = rng
        steps = getattr(estimator, "steps", None)
        vectorizer = steps[0][1] if steps else estimator
        self._names = [str(name) for name in getattr(vectorizer, "feature_names_", ())]
        self._texts, self._numbers = _split(self._names, getattr(vectorizer, "separator", "="))
        self._sampler = self._rows_behind(estimator, accepts) if steps else None

    def typical(self, n: int) -> Batch:
        """Return n records of known names."""
        return [self._record() for _ in range(n)]

    def batches(self) -> Iterator[Batch]:
        """Yield every batch; the first ones are a mixture of all kinds."""
        sources = [
            cut(self._examples, singles=16),
            draw(self.typical, RECORDS, HUNDRED, singles=32),
            draw(self._by_column, ROWS, HUNDRED, singles=8),
            iter([[record] for record in self._edge_cases()]),
        ]
        return in_other_company(in_turns(sources), self._rng, nulls=True)

    def _record(self) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for name, texts in self._texts.items():
            if self._rng.random() > LACKING:
                chosen = UNKNOWN_TEXTS if self._rng.random() < UNKNOWN else texts
                record[name] = str(chosen[int(self._rng.integers(len(chosen)))])
        for name in self._numbers:
            if self._rng.random() > LACKING:
                scale = 10.0 ** int(self._rng.integers(-1, 5))
                record[name] = float(self._rng.normal() * scale)
        return record

    def _by_column(self, n: int) -> Batch:
        """Return records with a number for each column, next to what the steps behind learned."""
        if self._sampler is None:
            return []
        half = n // 2
        rows = [*self._sampler.typical(n - half), *self._sampler.on_decision_paths(half)]
        return [dict(zip(self._names, row, strict=True)) for row in rows]

    def _edge_cases(self) -> Batch:
        numbers, texts = self._numbers[:8], list(self._texts)[:8]
        several = [{name: [*self._texts[name][:2], "unseen"]} for name in texts]
        twice = [{name: [self._texts[name][0]] * 2} for name in texts]
        odd = [{name: value} for name in [*numbers, *texts] for value in (*NUMBERS, None)]
        return [{}, {"unseen": 1.0}, {"unseen": "x"}, *several, *twice, *odd]

    def _rows_behind(self, estimator: Any, accepts: Accepts) -> RowSampler | None:
        width = len(self._names)
        if not 0 < width <= WIDEST:
            return None
        signature = Signature("matrix", "number", width, None, False, ("predict",))

        def accepted(rows: Batch) -> bool:
            records: Batch = [dict(zip(self._names, row, strict=True)) for row in rows]
            return accepts(records)

        with contextlib.suppress(NotCompilable):
            return RowSampler(estimator[1:], signature, accepted, self._rng)
        return None


def _split(names: Sequence[str], separator: str) -> tuple[dict[str, list[str]], list[str]]:
    """Return the texts by name, and the names of numbers."""
    texts: dict[str, list[str]] = {}
    numbers = []
    for name in names:
        head, mark, text = name.partition(separator)
        if mark:
            texts.setdefault(head, []).append(text)
        else:
            numbers.append(name)
    return texts, numbers
