"""Sums over decision trees, and what turns them into answers.

Trees are walked by `modelmount_kernel` or, where it isn't installed, by `forest` in NumPy.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation

try:
    from modelmount_kernel import Forest
except ImportError:
    from modelmount_compiler.program.operations.trees.numpy_forest import Forest  # type: ignore[assignment]

Array = NDArray[Any]


@operation
class TreeSum:
    """For each output, the sum over all trees of a row's leaf, shape (n, outputs).

    Attributes:
        nodes: see `modelmount_kernel` for this and all that is not described here; uint64, shape
            (nodes, 2), since that is what stays aligned in a file.
        start: what sums begin with, shape (1, outputs). Float32: sums are in float32.
        divisor: what sums are divided by at the end.
    """

    nodes: Array
    trees: int
    width: int
    start: Array
    divisor: float = 1.0
    values: Array | None = None
    targets: Array | None = None
    categories: Array | None = None
    cells: Array | None = None
    single: bool = False
    refuses_missing: bool = False
    refuses_infinite: bool = False
    _forest: Forest = derived()

    def __post_init__(self) -> None:
        forest = Forest(
            self.nodes,
            self.trees,
            self.width,
            self.start.shape[1],
            values=self.values,
            targets=self.targets,
            categories=self.categories,
            cells=self.cells,
            single=self.single,
            refuses_missing=self.refuses_missing,
            refuses_infinite=self.refuses_infinite,
        )
        object.__setattr__(self, "_forest", forest)

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        out: Matrix = self.start.repeat(len(x), axis=0)
        self._forest.add(np.ascontiguousarray(x, dtype=np.float64), out)
        if self.divisor != 1.0:
            out /= self.divisor
        return out


@operation
class Blocks:
    """A matrix of shape (n, sum of widths) as a list of matrices, shapes (n, width)."""

    widths: tuple[int, ...]

    def __call__(self, x: Matrix) -> list[Matrix]:  # noqa: D102
        ends = np.cumsum(self.widths).tolist()
        starts = [0, *ends[:-1]]
        return [x[:, start:end] for start, end in zip(starts, ends, strict=True)]


@operation
class HighestOfBlocks:
    """For each block of columns, the label of the highest score: shape (n, blocks).

    Attributes:
        classes: the labels of each block's columns. The first block's dtype is the answer's.
    """

    classes: tuple[Array, ...]

    def __call__(self, scores: Matrix) -> Array:  # noqa: D102
        labels = np.empty((len(scores), len(self.classes)), dtype=self.classes[0].dtype)
        start = 0
        for k, classes in enumerate(self.classes):
            block = scores[:, start : start + len(classes)]
            labels[:, k] = classes.take(block.argmax(axis=1))
            start += len(classes)
        return labels


@operation
class WeightedMedian:
    """Of each row's values, shape (n, values), the one at which half of the weight is reached.

    From: Drucker, Improving Regressors using Boosting Techniques, 1997.

    Attributes:
        weights: shape (values,).
    """

    weights: Vector

    def __call__(self, values: Matrix) -> Vector:  # noqa: D102
        order = values.argsort(axis=1)
        weight = self.weights[order].cumsum(axis=1)
        place = (weight >= 0.5 * weight[:, -1:]).argmax(axis=1)
        rows = np.arange(len(values))
        median: Vector = values[rows, order[rows, place]]
        return median


@operation
class PathScore:
    """-2 ** -(depth / expected), less an offset; for depths of shape (n,).

    From: Liu, Ting and Zhou, Isolation Forest, 2008, equation 2.
    """

    expected: float
    offset: float

    def __call__(self, depth: Vector) -> Vector:  # noqa: D102
        score: Vector = -(2 ** -(depth / self.expected)) - self.offset
        return score


@operation
class OneHotLeaves:
    """Ones at the columns given, shape (n, trees), in zeros of shape (n, width)."""

    width: int

    def __call__(self, columns: Matrix) -> Matrix:  # noqa: D102
        hot = np.zeros((len(columns), self.width))
        hot[np.arange(len(columns))[:, None], columns.astype(np.int64)] = 1.0
        return hot
