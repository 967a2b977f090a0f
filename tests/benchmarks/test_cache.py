"""The ideal that the cache is measured against."""

import pytest

from benchmarks.cache import ideal


@pytest.mark.parametrize(
    ("trace", "ratio"),
    [("", 0.0), ("aaaa", 0.75), ("abcabc", 0.0), ("ababcb", 0.5), ("abacab", 1 / 3)],
)
def test_hits_of_a_cache_for_two(trace: str, ratio: float) -> None:
    assert ideal.hit_ratio(trace, dict.fromkeys("abc", 10), 25) == ratio


def test_a_large_one_takes_the_place_of_several() -> None:
    sizes = {"a": 10, "b": 10, "c": 20}
    assert ideal.hit_ratio("abcab", sizes, 20) == 0.0
    assert ideal.hit_ratio("abcab", sizes, 40) == 0.4
