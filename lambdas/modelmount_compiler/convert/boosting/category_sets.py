"""Categories of the boosting libraries: columns of codes, and sets of codes in nodes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, Value
from modelmount_compiler.program.operations.preprocessing import category_codes

Array = NDArray[Any]
Codes = category_codes.Codes | category_codes.FittedCodes

BITS = 32


def encoded_matrix(graph: Graph, x: Value, codes: Codes) -> Value:
    """Return `x` as a matrix of numbers, with codes in the categorical columns."""
    if x.kind != "rows" or not codes.columns:
        return coercion.numbers(graph, x)
    return graph.add(codes, x, width=x.width)


class CategorySets:
    """Collects the sets of categories that nodes refer to; see `categories` of the kernel."""

    def __init__(self) -> None:
        self._words: list[Array] = []
        self._length = 0

    def add(self, words: Array) -> int:
        """Add a set in words of 32 categories, and return its start."""
        begin = self._length
        self._words += [np.array([BITS * len(words)]), words]
        self._length += 1 + len(words)
        return begin

    def add_members(self, members: Array) -> int:
        """Add the set of these categories, and return its start."""
        words = np.zeros(int(members.max(initial=-1)) // BITS + 1, dtype=np.uint32)
        places = members.astype(np.int64)
        np.bitwise_or.at(words, places // BITS, (1 << places % BITS).astype(np.uint32))
        return self.add(words)

    def words(self) -> Array | None:
        """Return the words of all sets, uint32; None if there are none."""
        return np.concatenate(self._words).astype(np.uint32) if self._words else None
