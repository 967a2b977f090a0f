import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from serving.cache import Cache
from serving.errors import ModelUnavailable


def fetch(cache: Cache[str, str], key: str, size: int = 10) -> str:
    with cache.lease(key, size, key.upper) as value:
        return value


def failing(error: Exception) -> Callable[[], str]:
    def load() -> str:
        raise error

    return load


def test_the_least_recently_used_goes_first() -> None:
    cache: Cache[str, str] = Cache(30)
    for key in ("a", "b", "c", "a", "d"):
        assert fetch(cache, key) == key.upper()
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]
    assert cache.used_bytes == 30


def test_what_is_in_use_is_never_evicted() -> None:
    cache: Cache[str, str] = Cache(20)
    with cache.lease("a", 10, lambda: "A"):
        fetch(cache, "b")
        fetch(cache, "c")
        assert "a" in cache
        assert "b" not in cache


def test_when_all_is_in_use_the_next_is_told_to_come_back() -> None:
    cache: Cache[str, str] = Cache(20)
    with (
        cache.lease("a", 15, lambda: "A"),
        pytest.raises(ModelUnavailable, match="in use"),
        cache.lease("b", 10, lambda: "B"),
    ):
        pytest.fail("there is no room")
    assert fetch(cache, "b") == "B"


def test_what_can_never_fit_is_told_so_and_evicts_nothing() -> None:
    cache: Cache[str, str] = Cache(20)
    fetch(cache, "a")
    with pytest.raises(ModelUnavailable, match="memory_mb"):
        fetch(cache, "huge", 21)
    assert "a" in cache


def test_a_failed_load_leaves_nothing_behind_and_is_tried_again() -> None:
    cache: Cache[str, str] = Cache(20)
    with pytest.raises(OSError, match="stale"), cache.lease("a", 20, failing(OSError("stale"))):
        pytest.fail("it did not load")
    assert cache.used_bytes == 0
    assert fetch(cache, "a") == "A"


def test_many_threads_load_a_key_once_and_share_it() -> None:
    cache: Cache[str, object] = Cache(100)
    started, loads = threading.Barrier(8), []
    gate = threading.Event()

    def load() -> object:
        loads.append(threading.get_ident())
        gate.wait(5)
        return object()

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
    cache: Cache[str, str] = Cache(100)
    meeting = threading.Barrier(2)

    def ask(key: str) -> str:
        with cache.lease(key, 10, lambda: str(meeting.wait(5))) as value:
            return value

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(ask, "ab")) == {"0", "1"}


def test_under_many_threads_the_budget_holds_and_answers_are_right() -> None:
    cache: Cache[str, str] = Cache(50)
    worst = 0

    def ask(turn: int) -> None:
        nonlocal worst
        key = f"model-{turn * 7919 % 23}"
        try:
            with cache.lease(key, 10, key.upper) as value:
                assert value == key.upper()
                worst = max(worst, cache.used_bytes)
        except ModelUnavailable:
            worst = max(worst, cache.used_bytes)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(4000)))
    assert 0 < worst <= 50


def test_what_is_dropped_is_gone_but_never_while_in_use() -> None:
    cache: Cache[str, str] = Cache(30)
    for key in ("a", "b"):
        fetch(cache, key)
    with cache.lease("a", 10, lambda: "A"):
        assert not cache.drop(lambda key: True)
        assert "b" in cache
    assert cache.drop(lambda key: key == "a")
    assert [key for key in "ab" if key in cache] == ["b"]
    assert cache.used_bytes == 10
    assert cache.drop(lambda key: key == "never there")
