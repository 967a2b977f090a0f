"""What the leaves of a forest hold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

REMEMBERED = 100_000  # vectors to compare new ones with; a Python object each


class Leaves:
    """Numbers, one for each leaf; or rows of a table of vectors.

    Equal vectors are kept once: most are alike where trees are grown to the end.

    Args:
        outputs: numbers in a leaf.
    """

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs
        self._row = np.dtype((np.void, 8 * outputs))
        self._places: dict[bytes, int] = {}
        self._rows: list[Array] = []
        self._count = 0

    def add(self, leaf: Array, content: Array) -> Array:
        """Return what to put as value into nodes, where `leaf` of shape (nodes,) is true.

        Args:
            content: of the nodes, shape (nodes, outputs).
        """
        if self.outputs == 1:
            return content[:, 0]
        value = np.zeros(len(leaf))
        value[leaf] = self._add(content[leaf])
        return value

    def table(self) -> Array | None:
        """Return all vectors, shape (vectors, outputs); None where leaves hold numbers."""
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
        if len(self._places) < REMEMBERED:
            self._places.update((distinct[k].tobytes(), int(places[k])) for k in new)
        return places[where]
