"""Rows at the very edge between two labels, where the last bit of a score decides."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
HALVINGS = 100  # enough, unless the edge lies at zero, where floats become ever smaller


def ties(estimator: Any, x: Array, pairs: int = 3) -> Array:
    """Return rows that are next to each other as floats go, and are labelled differently.

    There are none where all rows are labelled the same.
    """
    labels = estimator.predict(x).reshape(len(x), -1)
    first, second = np.random.default_rng(0).integers(len(x), size=(2, 40))
    apart = (labels[first] != labels[second]).any(axis=1).nonzero()[0][:pairs]
    found = [_halved(estimator, x[first[k]], x[second[k]]) for k in apart]
    return np.concatenate([x[:0], *found])


def _halved(estimator: Any, first: Array, second: Array) -> Array:
    label = estimator.predict(first[None])
    for _ in range(HALVINGS):
        middle = first + (second - first) / 2
        if (middle == first).all() or (middle == second).all():
            break
        if np.array_equal(estimator.predict(middle[None]), label):
            first = middle
        else:
            second = middle
    return np.stack((first, second))
