"""Rows at which trees of scikit-learn's are most likely to be misread."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST = 400


def thresholds(model: Any) -> Iterator[tuple[int, float]]:
    """Yield the splits on numbers of a tree, or of all trees in an ensemble of them."""
    if hasattr(model, "tree_"):
        inner = model.tree_.children_left >= 0
        yield from zip(model.tree_.feature[inner], model.tree_.threshold[inner], strict=True)
    for member in np.ravel(getattr(model, "estimators_", [])):
        yield from thresholds(member)
    for predictor in (p for iteration in getattr(model, "_predictors", []) for p in iteration):
        nodes = predictor.nodes
        inner = (nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 0)
        yield from zip(nodes["feature_idx"][inner], nodes["num_threshold"][inner], strict=True)


def edges(model: Any, rows: Array) -> Array:
    """Return given rows, each with a cell at a threshold or at a neighbour of it.

    Neighbours are the next numbers on both sides, in float32 and in float64.
    """
    rng = np.random.default_rng(0)
    found = [(column, value) for column, value in thresholds(model) if np.isfinite(value)]
    chosen = rng.permutation(len(found))[: MOST // 5]
    batch = []
    for column, value in (found[k] for k in chosen):
        single = np.float32(value)
        near = [value, *(np.nextafter(value, to) for to in (-np.inf, np.inf))]
        near += [float(np.nextafter(single, np.float32(to))) for to in (-np.inf, np.inf)]
        near.append(float(single) / 2 + near[-1] / 2)  # halfway: rounds to the even one
        for cell in near:
            row = rows[rng.integers(len(rows))].copy()
            row[column] = cell
            batch.append(row)
    return np.concatenate((rows[:50], np.array(batch).reshape(-1, rows.shape[1])))


def wide(columns: int) -> Array:
    """Return random rows of many magnitudes."""
    rng = np.random.default_rng(2)
    scale = 10.0 ** rng.integers(-3, 7, size=(100, 1))
    return rng.normal(size=(100, columns)) * scale
