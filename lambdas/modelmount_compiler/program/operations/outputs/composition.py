"""Operations that take answers apart and put them together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation

Answer = NDArray[Any]


@operation
class Pick:
    """One column of a matrix, shape (n,)."""

    column: int

    def __call__(self, x: Answer) -> Answer:  # noqa: D102
        return x[:, self.column]


@operation
class Leading:
    """The first columns of a matrix, or those from `start` on."""

    start: int
    stop: int | None = None

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x[:, self.start : self.stop]


@operation
class Negative:
    """Values with the other sign."""

    def __call__(self, x: Answer) -> Answer:  # noqa: D102
        return -x


@operation
class Floats:
    """Labels that are numbers, as float64."""

    def __call__(self, x: Answer) -> Answer:  # noqa: D102
        return x.astype(np.float64)


@operation
class Beside:
    """Columns of several matrices side by side; an answer of shape (n,) is one column."""

    def __call__(self, *parts: Answer) -> Answer:  # noqa: D102
        return np.concatenate([p[:, None] if p.ndim == 1 else p for p in parts], axis=1)


@operation
class Each:
    """Several answers as a list."""

    def __call__(self, *parts: Answer) -> list[Answer]:  # noqa: D102
        return list(parts)


@operation
class Mean:
    """The mean of several answers, added up in order.

    Attributes:
        weights: shape (answers,), or None: all are equal.
    """

    weights: Vector | None = None

    def __call__(self, *parts: Matrix) -> Matrix:  # noqa: D102
        if self.weights is not None:
            scaled = [part * weight for part, weight in zip(parts, self.weights, strict=True)]
            return _total(scaled) / float(np.add.reduce(self.weights))
        return _total(parts) / len(parts)


def _total(parts: tuple[Matrix, ...] | list[Matrix]) -> Matrix:
    total: Matrix = parts[0] + 0.0  # a copy that knows no negative zero
    for part in parts[1:]:
        total += part
    return total


@operation
class Majority:
    """The place of the label that most answers name, by weight; the first among equals.

    Takes answers of shape (n,) that are places themselves.

    Attributes:
        labels: how many labels there are.
        weights: shape (answers,).
    """

    labels: int
    weights: Vector

    def __call__(self, *parts: Answer) -> Answer:  # noqa: D102
        rows = np.arange(len(parts[0]))
        votes = np.zeros((len(rows), self.labels))
        for part, weight in zip(parts, self.weights, strict=True):
            votes[rows, part] += weight
        most: Answer = votes.argmax(axis=1)
        return most
