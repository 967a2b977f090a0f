"""Queries that are asked at once are answered together, each asker gets its own answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from container.micro_batcher import MicroBatcher
from tests.lambdas.container.server import until


class Doubler:
    """Doubles numbers; the first call waits until it is told to go on."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.is_called = threading.Event()
        self.may_go_on = threading.Event()

    def __call__(self, numbers: list[int]) -> list[int | BaseException]:
        self.calls.append(numbers)
        self.is_called.set()
        assert self.may_go_on.wait(30)
        return [ValueError(number) if number < 0 else 2 * number for number in numbers]


@pytest.fixture
def doubler() -> Doubler:
    return Doubler()


def wait_for(batcher: MicroBatcher[Any, Any], count: int) -> None:
    """Wait until so many queries wait."""
    until(lambda: len(batcher._waiting) >= count)


def test_alone_it_waits_for_nobody(doubler: Doubler) -> None:
    doubler.may_go_on.set()
    batcher = MicroBatcher(doubler, most=4, delay_seconds=3600)
    assert [batcher.ask(1), batcher.ask(2)] == [2, 4]
    assert doubler.calls == [[1], [2]]


def test_what_comes_meanwhile_is_answered_together(doubler: Doubler) -> None:
    batcher = MicroBatcher(doubler, most=3)
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(batcher.ask, 0)
        assert doubler.is_called.wait(30)
        others = []
        for number in range(1, 6):
            others.append(threads.submit(batcher.ask, number))
            wait_for(batcher, number)
        doubler.may_go_on.set()
        assert [first.result(), *(other.result() for other in others)] == [0, 2, 4, 6, 8, 10]
    assert doubler.calls == [[0], [1, 2, 3], [4, 5]]


def test_who_asks_wrongly_is_told_so_alone(doubler: Doubler) -> None:
    batcher = MicroBatcher(doubler, most=3)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher.ask, 0)
        assert doubler.is_called.wait(30)
        wrong, right = threads.submit(batcher.ask, -1), threads.submit(batcher.ask, 1)
        doubler.may_go_on.set()
        assert (first.result(), right.result()) == (0, 2)
        with pytest.raises(ValueError, match="-1"):
            wrong.result()


def test_a_failing_call_fails_for_all_of_it_and_the_next_one_works() -> None:
    def fail(numbers: list[int]) -> list[int]:
        if 1 in numbers:
            raise OSError("once")
        return numbers

    batcher = MicroBatcher(fail, most=2)
    with pytest.raises(OSError, match="once"):
        batcher.ask(1)
    assert batcher.ask(2) == 2


def test_many_threads_get_their_own_answers() -> None:
    def double(numbers: list[int]) -> list[int]:
        return [2 * number for number in numbers]

    batcher = MicroBatcher(double, most=8, delay_seconds=0.001)
    with ThreadPoolExecutor(16) as threads:
        assert [*threads.map(batcher.ask, range(2000))] == [*range(0, 4000, 2)]


def test_who_is_given_no_answer_is_told_so() -> None:
    batcher: MicroBatcher[int, int] = MicroBatcher(lambda numbers: numbers[1:], most=2)
    with pytest.raises(RuntimeError, match="1 queries got 0 answers"):
        batcher.ask(1)
    with pytest.raises(RuntimeError, match="1 queries got 0 answers"):
        batcher.ask(2)  # and isn't left to wait for the first one
