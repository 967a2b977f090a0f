"""Collects the contents of a forest's leaves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MOST_COMPARED = 100_000  # vectors that new ones are compared with; each is a Python object


class Leaves:
    """The contents of leaves: one number each, or one row each of a table of vectors.

    Equal vectors share a row. Fully grown trees have few different ones.

    Args:
        outputs: how many numbers a leaf holds.
    """

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs
        self._row = np.dtype((np.void, 8 * outputs))
        self._places: dict[bytes, int] = {}
        self._rows: list[Array] = []
        self._count = 0

    def add(self, leaf: Array, content: Array) -> Array:
        """Add the leaves of a tree, and return the values to put into its nodes, shape (nodes,).

        Args:
            leaf: whether a node is a leaf, shape (nodes,).
            content: contents of the nodes, shape (nodes, outputs).
        """
        if self.outputs == 1:
            return content[:, 0]
        value = np.zeros(len(leaf))
        value[leaf] = self._add(content[leaf])
        return value

    def table(self) -> Array | None:
        """Return all vectors, shape (vectors, outputs); None if leaves hold single numbers."""
        if self.outputs == 1:
            return None
        return np.concatenate(self._rows).view(np.float64).reshape(-1, self.outputs)

    def _add(self, vectors: Array) -> Array:
        rows = np.ascontiguousarray(vectors, dtype=np.float64).view(self._row).reshape(-1)
        distinct, where = np.unique(rows, return_inverse=True)
        places = np.array([self._places.get(row.tobytes(), -1) for row in distinct])
        new = np.flatnonzero(places < 0)
        places[new] = self._count + np.arange(len(new))
        self._count += len(new)
        self._rows.append(distinct[new])
        if len(self._places) < MOST_COMPARED:
            self._places.update((distinct[k].tobytes(), int(places[k])) for k in new)
        return places[where]
