"""Operations that count terms, which gives a sparse matrix, and weight the counts (tf-idf)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import SparseWidth, Vector, derived, operation
from modelmount_compiler.program.operations.sparse_matrix import SparseMatrix, from_lists
from modelmount_compiler.program.operations.text.tokenizer import Terms

Integers = NDArray[np.int64]
CACHED_TERMS = 1 << 16  # their hashes take about 10 MB
LONG_TERM = 32  # characters; hashes of longer terms aren't cached
FEW_TERMS = 256  # up to this number, counting without NumPy is faster


@operation
class Count:
    """Counts the terms of a vocabulary; other terms are ignored.

    Attributes:
        vocabulary: terms in the order of the columns; None for a column without a term.
        binary: whether a term counts once, however often it occurs.
        whole: whether the counts are int64; otherwise they are float64.
    """

    vocabulary: NDArray[np.object_]
    binary: bool
    whole: bool
    _columns: dict[str, int] = derived()

    def __post_init__(self) -> None:
        """Build a dictionary from terms to columns."""
        terms = self.vocabulary.tolist()
        columns = {term: i for i, term in enumerate(terms) if term is not None}
        object.__setattr__(self, "_columns", columns)

    def __call__(self, texts: Iterable[Terms]) -> SparseMatrix:
        column = self._columns.get
        found: list[int] = []
        starts = [0]
        for terms in texts:
            found += [place for place in map(column, terms) if place is not None]
            starts.append(len(found))
        few = len(starts) == 2 and len(found) < FEW_TERMS
        width = len(self.vocabulary)
        counted = _counted_few(found, width) if few else _totals(found, None, starts, width)
        data = counted.data.astype(np.int64 if self.whole else np.float64)
        if self.binary:
            data.fill(1)
        return counted.with_data(data)


def _counted_few(found: list[int], width: int) -> SparseMatrix:
    """Count the columns that one row lists, without NumPy."""
    counts = Counter(found)
    places = sorted(counts)
    return from_lists([counts[place] for place in places], places, [0, len(places)], width)


def _totals(
    places: Sequence[int] | Integers, values: Integers | None, starts: list[int], width: int
) -> SparseMatrix:
    """Sum values over the columns that each row lists.

    Args:
        places: the columns of all rows, one row after the other.
        values: one value for each place; None for ones.
        starts: start of each row in `places`, and their number at the end.
        width: number of columns.
    """
    rows = np.arange(len(starts) - 1)
    cells = np.array(places, dtype=np.int64) + (rows * width).repeat(np.diff(starts))
    order = None if values is None else cells.argsort(kind="stable")
    cells = np.sort(cells) if order is None else cells[order]
    first = np.concatenate(([True], cells[1:] != cells[:-1])).nonzero()[0][: len(cells)]
    if values is None:
        totals = np.diff(first, append=len(cells))
    else:
        totals = np.add.reduceat(values[order], first)
    cells = cells[first]
    return SparseMatrix(
        totals, cells % width, cells.searchsorted(np.arange(len(starts)) * width), width
    )


@operation
class Hash:
    """Counts terms in the columns that their hashes give.

    Attributes:
        width: number of columns.
        signed: whether a term with a negative hash counts as -1.
        binary: whether each column with a term holds one.
    """

    width: SparseWidth
    signed: bool
    binary: bool

    def __call__(self, texts: Iterable[Terms]) -> SparseMatrix:
        found: list[int] = []
        starts = [0]
        for terms in texts:
            found += [cached_hash(t) if len(t) < LONG_TERM else murmur_hash(t) for t in terms]
            starts.append(len(found))
        hashes = np.array(found, dtype=np.int64)
        signs = np.where(hashes < 0, -1, 1) if self.signed else None
        counted = _totals(np.abs(hashes) % self.width, signs, starts, self.width)
        if self.binary:
            return counted.with_data(np.ones(counted.data.size))
        return counted.with_data(counted.data.astype(np.float64))


def murmur_hash(term: str) -> int:
    """Return MurmurHash3 of the UTF-8 form, seed 0, as a signed 32-bit number.

    Source: A. Appleby, MurmurHash3_x86_32, https://github.com/aappleby/smhasher.
    """
    data = term.encode()
    size = len(data)
    h = 0
    for i in range(0, size & ~3, 4):
        h ^= _mixed(int.from_bytes(data[i : i + 4], "little"))
        h = ((h << 13 | h >> 19) * 5 + 0xE6546B64) & 0xFFFFFFFF
    if size & 3:
        h ^= _mixed(int.from_bytes(data[size & ~3 :], "little"))
    h ^= size
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    h ^= h >> 16
    return h - (1 << 32) if h & 0x80000000 else h


cached_hash = lru_cache(CACHED_TERMS)(murmur_hash)


def _mixed(k: int) -> int:
    k = k * 0xCC9E2D51 & 0xFFFFFFFF
    return (k << 15 | k >> 17) * 0x1B873593 & 0xFFFFFFFF


@operation
class Tfidf:
    """Multiplies term frequencies by inverse document frequencies.

    Attributes:
        sublinear: whether a count c becomes 1 + log(c).
        idf: inverse document frequency by column, shape (width,); None to leave it out.
    """

    sublinear: bool
    idf: Vector | None

    def __call__(self, x: SparseMatrix) -> SparseMatrix:
        data = np.log(x.data) + 1.0 if self.sublinear else x.data.astype(np.float64, copy=False)
        return x.with_data(data if self.idf is None else data * self.idf.take(x.indices))
