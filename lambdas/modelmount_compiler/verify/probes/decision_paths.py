"""Decision trees as plain arrays, and random paths through them to a leaf."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bounds = dict[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class DecisionPaths:
    """The splits of a tree; all arrays have the shape (nodes,).

    A row goes left if its value is at most the threshold.

    Attributes:
        left: the left child of each node.
        right: the right child of each node.
        feature: the column that each node compares.
        threshold: the threshold of each node.
        is_split: whether a node splits by a threshold; False for leaves and category splits.
    """

    left: NDArray[Any]
    right: NDArray[Any]
    feature: NDArray[Any]
    threshold: NDArray[np.float64]
    is_split: NDArray[np.bool_]

    def sample_values(self, rng: np.random.Generator) -> dict[int, float]:
        """Walk a random path from the root to a leaf.

        Returns:
            for each feature on the path, a value that stays on the path and lies closest to one
            of its thresholds: the threshold, or the next float of 64 or 32 bits. NaN stays on the
            way of missing values, beyond an infinite threshold.
        """
        chosen = {}
        for feature, (low, high) in self._sample_bounds(rng).items():
            values = [high, -_next_float32(-high)] if np.isfinite(high) else []
            if np.isfinite(low):
                values += [_next_float32(low), float(np.nextafter(low, np.inf))]
            if low == np.inf:
                values = [np.nan]
            if values:  # any known value stays left of an infinite threshold
                chosen[feature] = values[rng.integers(len(values))]
        return chosen

    def _sample_bounds(self, rng: np.random.Generator) -> Bounds:
        """Return for each feature of a random path the interval (low, high] that stays on it.

        Its low end is infinite where the value is missing.
        """
        bounds: Bounds = {}
        node = 0
        while self.is_split[node]:
            feature, threshold = int(self.feature[node]), float(self.threshold[node])
            low, high = bounds.get(feature, (-np.inf, np.inf))
            is_known = np.isfinite(low) or np.isfinite(high)
            goes_left = threshold > low and (threshold >= high or rng.random() < 0.5)
            if threshold == np.inf:
                goes_left = low < np.inf and (is_known or rng.random() < 0.5)
            node = int((self.left if goes_left else self.right)[node])
            if low < np.inf:
                left, right = (low, min(high, threshold)), (threshold, high)
                bounds[feature] = left if goes_left else right
        return bounds


def _next_float32(value: float) -> float:
    """Return the first float32 above a number; trees compare in float32."""
    with np.errstate(over="ignore"):
        single = np.float32(value)
        return float(single if single > value else np.nextafter(single, np.float32(np.inf)))


def paths_of(estimator: Any) -> Iterator[DecisionPaths]:
    """Yield the trees of a decision tree, or of histogram gradient boosting; else nothing."""
    tree: Any = getattr(estimator, "tree_", None)
    if hasattr(tree, "children_left"):
        splits = tree.children_left >= 0
        yield DecisionPaths(
            tree.children_left, tree.children_right, tree.feature, tree.threshold, splits
        )
    for stage in getattr(estimator, "_predictors", ()):
        for predictor in stage:
            nodes = predictor.nodes
            splits = (nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 0)
            thresholds = nodes["num_threshold"]
            yield DecisionPaths(
                nodes["left"], nodes["right"], nodes["feature_idx"], thresholds, splits
            )
