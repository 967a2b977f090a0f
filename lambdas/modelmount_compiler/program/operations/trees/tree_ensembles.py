"""Operations of tree ensembles: sums over decision trees, and outputs computed from them.

`modelmount_kernel` walks the trees. If it isn't installed, `numpy_forest` does.
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
    """Sums the leaves that a row reaches over all trees, shape (n, outputs).

    `modelmount_kernel` documents the attributes that are missing here.

    Attributes:
        nodes: the kernel's nodes as uint64, shape (nodes, 2), which stays aligned in a file.
        start: initial sums, shape (1, outputs); its dtype, float64 or float32, is that of sums.
        divisor: divisor of the final sums.
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

    def __call__(self, x: Matrix) -> Matrix:
        out: Matrix = self.start.repeat(len(x), axis=0)
        self._forest.add(np.ascontiguousarray(x, dtype=np.float64), out)
        if self.divisor != 1.0:
            out /= self.divisor
        return out


@operation
class Blocks:
    """Splits a matrix of shape (n, sum of widths) into matrices of shapes (n, width)."""

    widths: tuple[int, ...]

    def __call__(self, x: Matrix) -> list[Matrix]:
        ends = np.cumsum(self.widths).tolist()
        starts = [0, *ends[:-1]]
        return [x[:, start:end] for start, end in zip(starts, ends, strict=True)]


@operation
class HighestOfBlocks:
    """Returns the label of the highest score in each block of columns, shape (n, blocks).

    Attributes:
        classes: labels of each block's columns; the dtype of the first is the output's.
    """

    classes: tuple[Array, ...]

    def __call__(self, scores: Matrix) -> Array:
        labels = np.empty((len(scores), len(self.classes)), dtype=self.classes[0].dtype)
        start = 0
        for k, classes in enumerate(self.classes):
            block = scores[:, start : start + len(classes)]
            labels[:, k] = classes.take(block.argmax(axis=1))
            start += len(classes)
        return labels


@operation
class WeightedMedian:
    """Returns the weighted median of each row's values, shape (n, values).

    Source: Drucker, Improving Regressors using Boosting Techniques, 1997.

    Attributes:
        weights: weights of the columns, shape (values,).
    """

    weights: Vector

    def __call__(self, values: Matrix) -> Vector:
        order = values.argsort(axis=1)
        weight = self.weights[order].cumsum(axis=1)
        place = (weight >= 0.5 * weight[:, -1:]).argmax(axis=1)
        rows = np.arange(len(values))
        median: Vector = values[rows, order[rows, place]]
        return median


@operation
class PathScore:
    """Computes -2 ** -(depth / expected) - offset, for depths of shape (n,).

    Source: Liu, Ting and Zhou, Isolation Forest, 2008, equation 2.
    """

    expected: float
    offset: float

    def __call__(self, depth: Vector) -> Vector:
        score: Vector = -(2 ** -(depth / self.expected)) - self.offset
        return score


@operation
class OneHotLeaves:
    """Puts ones into the given columns, shape (n, trees); the output has the shape (n, width)."""

    width: int

    def __call__(self, columns: Matrix) -> Matrix:
        hot = np.zeros((len(columns), self.width))
        hot[np.arange(len(columns))[:, None], columns.astype(np.int64)] = 1.0
        return hot
