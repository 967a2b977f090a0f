"""Operations that select columns of outputs, and combine several outputs into one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation

Output = NDArray[Any]


@operation
class Pick:
    """Selects one column of a matrix, shape (n,)."""

    column: int

    def __call__(self, x: Output) -> Output:
        return x[:, self.column]


@operation
class Leading:
    """Selects the columns of a matrix from `start` to before `stop`; None is the end."""

    start: int
    stop: int | None = None

    def __call__(self, x: Matrix) -> Matrix:
        return x[:, self.start : self.stop]


@operation
class Negative:
    """Negates all values."""

    def __call__(self, x: Output) -> Output:
        return -x


@operation
class Floats:
    """Converts numeric labels to float64."""

    def __call__(self, x: Output) -> Output:
        return x.astype(np.float64)


@operation
class Singles:
    """Rounds numbers to float32."""

    def __call__(self, x: Output) -> Output:
        return x.astype(np.float32)


@operation
class Beside:
    """Concatenates the columns of several matrices; an array of shape (n,) is one column."""

    def __call__(self, *outputs: Output) -> Output:
        return np.concatenate([o[:, None] if o.ndim == 1 else o for o in outputs], axis=1)


@operation
class Each:
    """Returns several outputs as a list."""

    def __call__(self, *outputs: Output) -> list[Output]:
        return list(outputs)


@operation
class Mean:
    """Averages several outputs, which it adds in order.

    Attributes:
        weights: shape (outputs,); None for equal weights.
    """

    weights: Vector | None = None

    def __call__(self, *outputs: Matrix) -> Matrix:
        if self.weights is not None:
            pairs = zip(outputs, self.weights, strict=True)
            scaled = [output * weight for output, weight in pairs]
            return _total(scaled) / float(np.add.reduce(self.weights))
        return _total(outputs) / len(outputs)


def _total(outputs: tuple[Matrix, ...] | list[Matrix]) -> Matrix:
    total: Matrix = outputs[0] + 0.0  # a copy without negative zeros
    for output in outputs[1:]:
        total += output
    return total


@operation
class Majority:
    """Returns the index of the label with the largest weight of votes; the first of equals.

    Its inputs are indices of labels, shape (n,) each.

    Attributes:
        labels: number of labels.
        weights: shape (voters,).
    """

    labels: int
    weights: Vector

    def __call__(self, *votes: Output) -> Output:
        rows = np.arange(len(votes[0]))
        totals = np.zeros((len(rows), self.labels))
        for vote, weight in zip(votes, self.weights, strict=True):
            totals[rows, vote] += weight
        most: Output = totals.argmax(axis=1)
        return most
