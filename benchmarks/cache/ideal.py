"""The hit rate of a least-recently-used cache that serves one request after the other."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TypeVar

K = TypeVar("K")


def hit_ratio(trace: Iterable[K], sizes: Mapping[K, int], budget: int) -> float:
    """Return the part of the requests that find their key loaded."""
    loaded: OrderedDict[K, int] = OrderedDict()
    used = hits = requests = 0
    for key in trace:
        requests += 1
        if key in loaded:
            hits += 1
            loaded.move_to_end(key)
            continue
        loaded[key] = sizes[key]
        used += sizes[key]
        while used > budget:
            used -= loaded.popitem(last=False)[1]
    return hits / max(1, requests)
