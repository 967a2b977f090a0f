"""Operations that count terms: n lists of terms to a sparse matrix, and tf-idf."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Vector, derived, operation
from modelmount_compiler.program.operations.sparse import Sparse, stack
from modelmount_compiler.program.operations.text.tokenizer import Terms

Integers = NDArray[np.int64]
REMEMBERED = 1 << 16  # terms whose hashes are kept, some 10 MB
LONG = 32  # characters of a term that isn't kept
FEW = 256  # terms of a text that are counted without NumPy


@operation
class Count:
    """How often each term of a vocabulary occurs; terms outside of it don't count.

    Attributes:
        vocabulary: terms in the order of the columns, None in a column that has none.
        binary: whether a term counts once however often it occurs.
        whole: whether the counts are int64; otherwise they are float64.
    """

    vocabulary: NDArray[np.object_]
    binary: bool
    whole: bool
    _columns: dict[str, int] = derived()

    def __post_init__(self) -> None:
        """Turn the vocabulary around."""
        terms = self.vocabulary.tolist()
        columns = {term: i for i, term in enumerate(terms) if term is not None}
        object.__setattr__(self, "_columns", columns)

    def __call__(self, texts: Iterable[Terms]) -> Sparse:  # noqa: D102
        column = self._columns.get
        found: list[int] = []
        starts = [0]
        for terms in texts:
            found += [place for place in map(column, terms) if place is not None]
            starts.append(len(found))
        few = len(starts) == 2 and len(found) < FEW
        width = len(self.vocabulary)
        counted = _counted_few(found, width) if few else _totals(found, None, starts, width)
        data = counted.data.astype(np.int64 if self.whole else np.float64)
        if self.binary:
            data.fill(1)
        return counted.replaced(data)


def _counted_few(found: list[int], width: int) -> Sparse:
    """Count the columns that one row names: few are counted faster without NumPy."""
    counts = Counter(found)
    places = sorted(counts)
    return stack([counts[place] for place in places], places, [0, len(places)], width)


def _totals(
    places: Sequence[int] | Integers, values: Integers | None, starts: list[int], width: int
) -> Sparse:
    """Sum values, or ones, over the columns that each row names, from its start to the next's."""
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
    return Sparse(totals, cells % width, cells.searchsorted(np.arange(len(starts)) * width), width)


@operation
class Hash:
    """Terms counted in the column that their hash gives.

    Attributes:
        width: columns.
        signed: whether a term counts as -1 where its hash is negative.
        binary: whether each column that a term falls into is one.
    """

    width: int
    signed: bool
    binary: bool

    def __call__(self, texts: Iterable[Terms]) -> Sparse:  # noqa: D102
        found: list[int] = []
        starts = [0]
        for terms in texts:
            found += [remembered(t) if len(t) < LONG else hashed(t) for t in terms]
            starts.append(len(found))
        hashes = np.array(found, dtype=np.int64)
        signs = np.where(hashes < 0, -1, 1) if self.signed else None
        counted = _totals(np.abs(hashes) % self.width, signs, starts, self.width)
        if self.binary:
            return counted.replaced(np.ones(counted.data.size))
        return counted.replaced(counted.data.astype(np.float64))


def hashed(term: str) -> int:
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


remembered = lru_cache(REMEMBERED)(hashed)


def _mixed(k: int) -> int:
    k = k * 0xCC9E2D51 & 0xFFFFFFFF
    return (k << 15 | k >> 17) * 0x1B873593 & 0xFFFFFFFF


@operation
class Tfidf:
    """Counts as term frequencies, times what is known of each term.

    Attributes:
        sublinear: whether a count c stands for 1 + log(c).
        idf: inverse document frequency by column, shape (width,); None: of no account.
    """

    sublinear: bool
    idf: Vector | None

    def __call__(self, x: Sparse) -> Sparse:  # noqa: D102
        data = np.log(x.data) + 1.0 if self.sublinear else x.data.astype(np.float64, copy=False)
        return x.replaced(data if self.idf is None else data * self.idf.take(x.indices))
