"""Trees as plain arrays, and ways down to a leaf along the very edges of its splits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bounds = dict[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Branches:
    """A tree's splits: a row goes left where its value is at most the threshold.

    Attributes:
        is_split: of each node, whether it is a split by a threshold rather than a leaf, or a
            split by categories.
    """

    left: NDArray[Any]
    right: NDArray[Any]
    feature: NDArray[Any]
    threshold: NDArray[np.float64]
    is_split: NDArray[np.bool_]

    def edges(self, rng: np.random.Generator) -> dict[int, float]:
        """Walk at random from the root to a leaf.

        Returns:
            for each feature met on the way a value that leads there, and crosses one of its
            splits as closely as can be: the threshold, or the float of 64 or 32 bits next to it.
        """
        chosen = {}
        for feature, (low, high) in self._descend(rng).items():
            known = [high, -_next_single(-high)] if np.isfinite(high) else []
            if np.isfinite(low):
                known += [_next_single(low), float(np.nextafter(low, np.inf))]
            chosen[feature] = known[rng.integers(len(known))]
        return chosen

    def _descend(self, rng: np.random.Generator) -> Bounds:
        """Return for each feature met the interval (low, high] that leads down this way."""
        bounds: Bounds = {}
        node = 0
        while self.is_split[node]:
            feature, threshold = int(self.feature[node]), float(self.threshold[node])
            low, high = bounds.get(feature, (-np.inf, np.inf))
            goes_left = threshold > low and (threshold >= high or rng.random() < 0.5)
            node = int((self.left if goes_left else self.right)[node])
            bounds[feature] = (low, min(high, threshold)) if goes_left else (threshold, high)
        return bounds


def _next_single(value: float) -> float:
    """Return the first float32 above a number, which is what a tree takes for larger."""
    with np.errstate(over="ignore"):
        single = np.float32(value)
        return float(single if single > value else np.nextafter(single, np.float32(np.inf)))


def branches(part: Any) -> Iterator[Branches]:  # noqa: ANN401 (any estimator)
    """Yield the trees that an estimator is itself: a decision tree, or histogram boosting."""
    tree: Any = getattr(part, "tree_", None)
    if hasattr(tree, "children_left"):
        splits = tree.children_left >= 0
        yield Branches(
            tree.children_left, tree.children_right, tree.feature, tree.threshold, splits
        )
    for stage in getattr(part, "_predictors", ()):
        for predictor in stage:
            nodes = predictor.nodes
            splits = (nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 0)
            thresholds = nodes["num_threshold"]
            yield Branches(nodes["left"], nodes["right"], nodes["feature_idx"], thresholds, splits)
