"""Generates the rows that a model is asked about alone and in company."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.calls import Refusal, try_predict
from modelmount_compiler.verify.independence.tensor_rows import candidates
from modelmount_compiler.verify.probes.critical_values import CriticalValues
from modelmount_compiler.verify.probes.interleaving import in_turns
from modelmount_compiler.verify.probes.record_probes import RecordProbes
from modelmount_compiler.verify.probes.row_sampler import Accepts, RowSampler
from modelmount_compiler.verify.probes.text_generator import TextGenerator

TYPICAL, SCALED, MISSING, EDGE_CASES, EXAMPLES = 12, 4, 4, 4, 8
SCALES = (-1, 3)  # powers of ten: what is larger loses digits to rounding, and proves nothing
WIDEST = 20_000  # columns; rows of more take too long
SEED = 20
# Sums of larger numbers overflow, in one order and not in another.
LARGEST = 1e17

Rows = list[Any]


def make_pool(
    model: Model, signature: Signature, loaded: object, examples: Sequence[Any] = ()
) -> Rows:
    """Return rows of all kinds in turns; none if no row is found that the model takes.

    Args:
        model: asks what was loaded.
        loaded: what was loaded; the values that it learned guide the rows.
        examples: instances that the uploader gave.
    """
    rng = np.random.default_rng(SEED)
    kinds = [list(examples[:EXAMPLES])]
    accepts = _accepts(model, signature)
    if signature.input == "tensors" and signature.tensors is not None:
        found = candidates(signature.tensors, rng)
        kinds += [next((rows for rows in found if accepts(rows)), [])]
    elif signature.input == "text":
        generator = TextGenerator(CriticalValues(loaded, 1, rng).vocabularies.get(0, ()), rng)
        kinds += [[generator.text() for _ in range(TYPICAL)], ["", "a", "\x00", "é\U0001f600"]]
    elif signature.input == "records":
        kinds += [RecordProbes(loaded, (), accepts, rng).typical(TYPICAL), [{}]]
    else:
        kinds += _row_kinds(loaded, signature, accepts, rng, examples)
    return [row for (row,) in in_turns([_one_by_one(rows) for rows in kinds])]


def _one_by_one(rows: Rows) -> Iterator[Rows]:
    return ([row] for row in rows if not _is_huge(row))


def _is_huge(row: Any) -> bool:
    values = row.values() if isinstance(row, dict) else row if isinstance(row, list) else ()
    return any(isinstance(value, int | float) and abs(value) > LARGEST for value in values)


def _accepts(model: Model, signature: Signature) -> Accepts:
    def answer(method: Any, batch: Rows) -> Any:
        return model.answer(batch, method)

    def accepts(rows: Rows) -> bool:
        # A model whose rows influence each other may take several only, or one only.
        asked = (rows[:1], rows)
        answers = (try_predict(answer, signature.methods[0], batch) for batch in asked)
        return not all(isinstance(found, Refusal) for found in answers)

    return accepts


def _row_kinds(
    loaded: object,
    signature: Signature,
    accepts: Accepts,
    rng: np.random.Generator,
    examples: Sequence[Any],
) -> list[Rows]:
    width = len(signature.columns) if signature.columns else signature.n_features
    if not width or width > WIDEST:
        return _free_rows(accepts, width, rng)
    with contextlib.suppress(Exception):  # what was learned is a guide; strange models have none
        sampler = RowSampler(loaded, signature, accepts, rng, examples)
        takes_missing = signature.allows_missing or signature.dtype == "any"
        scales = 10.0 ** rng.integers(*SCALES, SCALED)
        return [
            sampler.typical(TYPICAL),
            sampler.scaled(scales.astype(np.float64)),
            sampler.with_missing_values(MISSING) if takes_missing else [],
            sampler.with_edge_case(EDGE_CASES),
            sampler.constant()[:EDGE_CASES],
        ]
    return _free_rows(accepts, width, rng)


def _free_rows(accepts: Accepts, width: int | None, rng: np.random.Generator) -> list[Rows]:
    """Return rows of one kind of value that the model takes, of a width that it takes."""
    rows: Rows = []
    for size in [width] if width else (1, 2, 3, 4, 8, 16, 32, 64):
        numbers = rng.normal(size=(TYPICAL, size))
        whole = rng.integers(0, 9, (TYPICAL, size))
        strings = rng.choice(["", "a", "B"], (TYPICAL, size))
        for values in (numbers, np.abs(numbers), whole, whole % 2 == 1, strings):
            rows = values.tolist()
            if accepts(rows):
                return [rows]
    return []
