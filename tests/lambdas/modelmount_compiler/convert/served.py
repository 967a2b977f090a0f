"""A model's compiled form, held against the model as it is served, on JSON instances."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.verify import predictors
from modelmount_compiler.verify.comparison import FLOAT32_BOUND, FLOAT64_BOUND, compare, is_float32
from tests.lambdas.modelmount_compiler.boosted import instances
from tests.lambdas.modelmount_compiler.convert.comparison import stored

Array = NDArray[np.float64]
ZERO = float(np.float32(1e-35))
AT_ZERO = [0.0, -0.0, 1e-36, -1e-36, ZERO, -ZERO, *np.nextafter([ZERO, -ZERO], [1, -1]).tolist()]
MOST_SPLITS = 60


def assert_served_same(estimator: Any, *batches: list[Any], single: bool = False) -> None:
    """Compile an estimator, and compare all of its methods on each batch, and on single rows.

    Args:
        single: whether its numbers come of single precision, whatever their type.
    """
    signature = runtime.describe(estimator)
    runtime.Model(estimator, signature)  # which sets it up for serving
    program = stored(compile_model(estimator, signature))
    assert set(program.outputs) == set(signature.methods)
    original = predictors.from_estimator(estimator, signature)
    compiled = predictors.from_program(program, signature)
    for method in signature.methods:
        labels = signature.classes is not None and method == "predict"
        for part in [part for batch in batches for part in (batch, batch[:1], batch[-1:])]:
            expected, found = original(method, part), compiled(method, part)
            is_single = single or is_float32(expected)
            bound = FLOAT32_BOUND if is_single else FLOAT64_BOUND
            difference = compare(expected, found, labels=labels, bound=bound)
            row = difference.row or 0
            assert not difference.description, (
                method,
                difference,
                part[row],
                expected[row],
                found[row],
            )


def probes(rows: Array, splits: Iterable[tuple[int, float]] = ()) -> list[Any]:
    """Return given rows, and others with cells at thresholds, around zero, missing or infinite."""
    rng = np.random.default_rng(0)
    cells = [(column, cell) for column, value in _some(splits, rng) for cell in _near(value)]
    cells += [(column, cell) for column in range(rows.shape[1]) for cell in AT_ZERO]
    cells += [(column, cell) for column in range(rows.shape[1]) for cell in (np.inf, -np.inf)]
    changed = rows[rng.integers(0, len(rows), len(cells))]
    for row, (column, cell) in zip(changed, cells, strict=True):
        row[column] = cell
    wide = rng.normal(size=rows.shape) * 10.0 ** rng.integers(-9, 40, size=rows.shape)
    holes = np.where(rng.random(rows.shape) < 0.4, np.nan, rows)
    return instances(np.concatenate((rows, changed, wide[:50], holes[:50])))


def _some(splits: Iterable[tuple[int, float]], rng: np.random.Generator) -> list[tuple[int, float]]:
    found = list(splits)
    chosen = rng.permutation(len(found))[:MOST_SPLITS]
    return [found[k] for k in chosen]


def _near(value: float) -> Iterator[float]:
    """Yield a number and its neighbours in float64 and in float32."""
    single = np.float32(value)
    yield from (value, float(single))
    for to in (-np.inf, np.inf):
        yield float(np.nextafter(value, to))
        with np.errstate(over="ignore"):
            yield float(np.nextafter(single, np.float32(to)))
