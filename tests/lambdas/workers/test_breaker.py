"""When a version is put aside, for how long, and how it comes back."""

import pytest

from serving.errors import ModelPutAside
from serving.service.version_id import VersionId
from workers.breaker import (
    FAILURES,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    WITHIN_SECONDS,
    Breaker,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("Version 1 of 'm'", VersionId("m", "1", ""), clock)


def test_it_opens_after_failures_within_a_time(breaker: Breaker, clock: Clock) -> None:
    for _ in range(FAILURES * 3):
        breaker.failed("crashed")
        clock.now += WITHIN_SECONDS
        breaker.check()
    for _ in range(FAILURES):
        breaker.failed("crashed (SIGSEGV)")
    with pytest.raises(ModelPutAside, match="SIGSEGV") as error:
        breaker.check()
    assert error.value.retry_seconds == FIRST_PAUSE_SECONDS
    assert breaker.rest


def test_a_time_out_counts_for_two(breaker: Breaker) -> None:
    breaker.failed("hung", count=2)
    breaker.check()
    breaker.failed("hung", count=2)
    assert breaker.rest


def test_one_caller_tries_after_the_pause(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("crashed", count=FAILURES)
    clock.now += FIRST_PAUSE_SECONDS
    breaker.claim(20)
    with pytest.raises(ModelPutAside):
        breaker.claim(20)
    breaker.succeeded()
    breaker.claim(20)
    breaker.claim(20)
    assert breaker.rest is None


def test_the_pause_doubles_up_to_a_bound(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("crashed", count=FAILURES)
    pause = FIRST_PAUSE_SECONDS
    for _ in range(9):
        clock.now += pause
        breaker.claim(20)
        breaker.failed("crashed")
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        with pytest.raises(ModelPutAside) as error:
            breaker.check()
        assert error.value.retry_seconds == pause


def test_who_claimed_and_never_came_back_blocks_nobody_for_ever(
    breaker: Breaker, clock: Clock
) -> None:
    breaker.failed("crashed", count=FAILURES)
    clock.now += FIRST_PAUSE_SECONDS
    breaker.claim(20)
    clock.now += 20
    breaker.claim(20)
