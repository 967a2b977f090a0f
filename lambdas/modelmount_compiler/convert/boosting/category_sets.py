"""What the boosting libraries do with categories: columns of codes, and sets in nodes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, Value
from modelmount_compiler.program.operations.preprocessing import category_codes

Array = NDArray[Any]

BITS = 32


def matrix(
    graph: Graph,
    x: Value,
    columns: tuple[int, ...],
    known: tuple[tuple[Any, ...], ...],
    *,
    refuses_unknown: bool,
) -> Value:
    """Return `x` as a matrix of numbers, and of codes in the columns given; see `Codes`."""
    if x.kind != "rows" or not columns:
        return coercion.numbers(graph, x)
    operation = category_codes.Codes(columns, known, refuses_unknown)
    return graph.add(operation, x, width=x.width)


class Sets:
    """Sets of categories, as nodes refer to them: see `categories` of `modelmount_kernel`."""

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._length = 0

    def add(self, words: Array) -> int:
        """Add a set, 32 categories to a word; return where it begins."""
        begin = self._length
        self._parts += [np.array([BITS * len(words)]), words]
        self._length += 1 + len(words)
        return begin

    def add_members(self, members: Array) -> int:
        """Add the set of these categories; return where it begins."""
        words = np.zeros(int(members.max(initial=-1)) // BITS + 1, dtype=np.uint32)
        places = members.astype(np.int64)
        np.bitwise_or.at(words, places // BITS, (1 << places % BITS).astype(np.uint32))
        return self.add(words)

    def words(self) -> Array | None:
        """Return all of them, uint32; None where there are none."""
        return np.concatenate(self._parts).astype(np.uint32) if self._parts else None
