import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from serving.cache.loading_cache import Loaded, LoadingCache
from serving.errors import ModelUnavailable, OverBudget


def fetch(
    cache: LoadingCache[str, str], key: str, size: int = 10, measured: int | None = None
) -> str:
    with cache.lease(key, size, loading(key.upper(), measured or size)) as value:
        return value


def loading(value: str, size: int) -> Callable[[], Loaded[str]]:
    return lambda: Loaded(value, size)


def failing(error: Exception) -> Callable[[], Loaded[str]]:
    def load() -> Loaded[str]:
        raise error

    return load


def test_the_least_recently_used_goes_first() -> None:
    cache: LoadingCache[str, str] = LoadingCache(30)
    for key in ("a", "b", "c", "a", "d"):
        assert fetch(cache, key) == key.upper()
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]
    assert cache.used_bytes == 30


def test_what_is_in_use_is_never_evicted() -> None:
    cache: LoadingCache[str, str] = LoadingCache(20)
    with cache.lease("a", 10, loading("A", 10)):
        fetch(cache, "b")
        fetch(cache, "c")
        assert "a" in cache
        assert "b" not in cache


def test_when_all_is_in_use_the_next_is_told_to_come_back() -> None:
    cache: LoadingCache[str, str] = LoadingCache(20)
    with (
        cache.lease("a", 15, loading("A", 15)),
        pytest.raises(ModelUnavailable, match="in use"),
        cache.lease("b", 10, loading("B", 10)),
    ):
        pytest.fail("there is no room")
    assert fetch(cache, "b") == "B"


def test_what_can_never_fit_is_told_so_and_evicts_nothing() -> None:
    cache: LoadingCache[str, str] = LoadingCache(20)
    fetch(cache, "a")
    with pytest.raises(ModelUnavailable, match="memory_mb"):
        fetch(cache, "huge", 21)
    assert "a" in cache


def test_a_failed_load_leaves_nothing_behind_and_is_tried_again() -> None:
    cache: LoadingCache[str, str] = LoadingCache(20)
    with pytest.raises(OSError, match="stale"), cache.lease("a", 20, failing(OSError("stale"))):
        pytest.fail("it did not load")
    assert cache.used_bytes == 0
    assert fetch(cache, "a") == "A"


def test_many_threads_load_a_key_once_and_share_it() -> None:
    cache: LoadingCache[str, object] = LoadingCache(100)
    started, loads = threading.Barrier(8), []
    gate = threading.Event()

    def load() -> Loaded[object]:
        loads.append(threading.get_ident())
        gate.wait(5)
        return Loaded(object(), 10)

    def ask() -> object:
        started.wait(5)
        with cache.lease("a", 10, load) as value:
            return value

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask) for _ in range(8)]
        while not loads:
            pass
        gate.set()
        values = {id(future.result()) for future in asked}
    assert len(loads) == 1
    assert len(values) == 1


def test_different_keys_load_side_by_side() -> None:
    cache: LoadingCache[str, str] = LoadingCache(100)
    meeting = threading.Barrier(2)

    def ask(key: str) -> str:
        with cache.lease(key, 10, lambda: Loaded(str(meeting.wait(5)), 10)) as value:
            return value

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(ask, "ab")) == {"0", "1"}


def test_under_many_threads_the_budget_holds_and_answers_are_right() -> None:
    cache: LoadingCache[str, str] = LoadingCache(50)
    worst = 0

    def ask(turn: int) -> None:
        nonlocal worst
        key = f"model-{turn * 7919 % 23}"
        try:
            with cache.lease(key, 10, loading(key.upper(), 10)) as value:
                assert value == key.upper()
                worst = max(worst, cache.used_bytes)
        except ModelUnavailable:
            worst = max(worst, cache.used_bytes)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(4000)))
    assert 0 < worst <= 50


def test_what_is_dropped_is_gone_but_never_while_in_use() -> None:
    cache: LoadingCache[str, str] = LoadingCache(30)
    for key in ("a", "b"):
        fetch(cache, key)
    with cache.lease("a", 10, loading("A", 10)):
        assert not cache.drop(lambda key: True)
        assert "b" in cache
    assert cache.drop(lambda key: key == "a")
    assert [key for key in "ab" if key in cache] == ["b"]
    assert cache.used_bytes == 10
    assert cache.drop(lambda key: key == "never there")


def test_what_was_measured_takes_the_place_of_the_estimate() -> None:
    cache: LoadingCache[str, str] = LoadingCache(30)
    fetch(cache, "a", 20, measured=5)
    fetch(cache, "b", 5, measured=25)
    assert cache.used_bytes == 30
    assert [key for key in "ab" if key in cache] == ["a", "b"]


def test_what_is_larger_than_estimated_evicts_once_more() -> None:
    cache: LoadingCache[str, str] = LoadingCache(30)
    for key in ("a", "b"):
        fetch(cache, key)
    assert fetch(cache, "c", 10, measured=25) == "C"
    assert [key for key in "abc" if key in cache] == ["c"]
    assert cache.used_bytes == 25


def test_what_turns_out_not_to_fit_is_let_go_of_and_not_loaded_again() -> None:
    cache: LoadingCache[str, str] = LoadingCache(30)
    with cache.lease("a", 10, loading("A", 10)):
        with pytest.raises(OverBudget, match="in use"):
            fetch(cache, "b", 10, measured=25)
        assert cache.used_bytes == 10
        with pytest.raises(OverBudget, match="in use"), cache.lease("b", 10, failing(OSError())):
            pytest.fail("its size is known")
    assert fetch(cache, "b", 10, measured=25) == "B"


def test_where_no_room_can_be_made_nothing_is_evicted() -> None:
    cache: LoadingCache[str, str] = LoadingCache(30)
    fetch(cache, "idle")
    with cache.lease("busy", 20, loading("BUSY", 20)), pytest.raises(OverBudget):
        fetch(cache, "c", 15)
    assert "idle" in cache


def test_what_is_pinned_is_never_evicted() -> None:
    cache: LoadingCache[str, str] = LoadingCache(20)
    fetch(cache, "a")
    cache.pin("a")
    for key in ("b", "c"):
        fetch(cache, key)
    assert [key for key in "abc" if key in cache] == ["a", "c"]
    with pytest.raises(OverBudget, match="preload"):
        fetch(cache, "d", 11)
    cache.pin("a", is_pinned=False)
    assert fetch(cache, "d", 20) == "D"


def test_what_is_held_stays_while_it_is() -> None:
    cache: LoadingCache[str, str] = LoadingCache(20)
    fetch(cache, "a")
    with cache.hold(["a", "never there"]):
        for key in ("b", "c"):
            fetch(cache, key)
        assert "a" in cache
    fetch(cache, "d", 20)
    assert "a" not in cache


class Process:
    """A process that takes more than its models' sizes say."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.resident: dict[str, int] = {}
        self.cache: LoadingCache[str, Any] = LoadingCache(100, self.excess)

    def excess(self, growth: int) -> int:
        return sum(self.resident.values()) + growth - self.limit

    def fetch(self, key: str, size: int, really: int) -> None:
        with self.cache.lease(key, size, lambda: self.load(key, size, really)):
            pass

    def load(self, key: str, size: int, really: int) -> Loaded[Any]:
        value = Model()
        self.resident[key] = really
        weakref.finalize(value, self.resident.pop, key)
        return Loaded(value, size)


class Model:
    """Can be referred to weakly."""


def test_while_the_process_is_too_large_what_is_idle_goes_oldest_first() -> None:
    process = Process(limit=50)
    for key in "abc":
        process.fetch(key, 5, really=15)
    process.fetch("d", 10, really=10)
    assert [key for key in "abcd" if key in process.cache] == ["b", "c", "d"]
    process.fetch("e", 5, really=35)
    assert [key for key in "abcde" if key in process.cache] == ["d", "e"]


def test_where_that_does_not_do_the_next_is_told_to_come_back() -> None:
    process = Process(limit=50)
    process.resident["others"] = 45
    with pytest.raises(OverBudget, match="in use"):
        process.fetch("a", 10, really=10)
    assert process.cache.used_bytes == 0
    assert process.resident == {"others": 45}
    process.fetch("a", 5, really=5)
    with pytest.raises(OverBudget, match="in use"), process.cache.hold("a"):
        process.fetch("b", 0, really=20)
    assert process.resident == {"others": 45, "a": 5}
