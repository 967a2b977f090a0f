"""Cuts probes into batches, and interleaves batches of several sources.

The first batches stand for the whole, so a check that ends early has seen probes of every kind.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

Batch = list[Any]

HUNDRED = 100
FEW = 4


def cut(instances: Batch, singles: int) -> Iterator[Batch]:
    """Yield some instances one by one, and the rest by the hundred, in turns."""
    alone = min(singles, (len(instances) + 1) // 2)
    starts = range(alone, len(instances), HUNDRED)
    hundreds = (instances[start : start + HUNDRED] for start in starts)
    return in_turns([([one] for one in instances[:alone]), hundreds])


def draw(sample: Callable[[int], Batch], count: int, hundred: int, singles: int) -> Iterator[Batch]:
    """Yield batches like `cut`, but sample each one when its turn comes.

    Args:
        sample: samples instances; an empty batch ends the source.
        count: number of instances in all.
        hundred: instances in a large batch, fewer than a hundred for wide models.
        singles: number of instances that come one by one.
    """
    sizes = (min(hundred, singles) for _ in range(0, singles, hundred))
    alone = ([one] for size in sizes for one in sample(size))
    rest = range(0, count - singles, hundred)
    return in_turns([alone, (batch for _ in rest if (batch := sample(hundred)))])


def in_other_company(
    batches: Iterator[Batch], rng: np.random.Generator, *, nulls: bool
) -> Iterator[Batch]:
    """Yield the batches, and after each large one some of its rows in other company.

    One comes alone. Where the model takes missing values, three come together, two of them with a
    null: what a null means must depend neither on its row nor on the rows beside it.
    """
    for batch in batches:
        yield batch
        if len(batch) < FEW:
            continue
        rows = [batch[i] for i in rng.permutation(len(batch))[:4]]
        yield rows[:1]
        if nulls:
            yield [_with_null(rows[1], rng), rows[2], _with_null(rows[3], rng)]


def _with_null(row: Any, rng: np.random.Generator) -> Any:
    if isinstance(row, dict):
        names = list(row)
        return {**row, names[rng.integers(len(names))]: None} if names else row
    if not isinstance(row, list) or not row:
        return row
    at = int(rng.integers(len(row)))
    return [*row[:at], None, *row[at + 1 :]]


def deferred(source: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
    """Make a source when its turn comes, because making it takes time."""
    yield from source()


def in_turns(sources: Sequence[Iterator[Batch]]) -> Iterator[Batch]:
    """Yield a batch of each source in turn, until all sources are used up."""
    waiting = list(sources)
    while waiting:
        for source in list(waiting):
            batch = next(source, None)
            if batch is None:
                waiting.remove(source)
            else:
                yield batch
