"""Cuts probes into batches, and interleaves batches of several sources.

The first batches stand for the whole, so a check that ends early has seen probes of every kind.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Batch = list[Any]

HUNDRED = 100


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
