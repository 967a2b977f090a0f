from local.assembly.resources.rest_api import ThrottleLimit
from local.gateway.token_bucket import TokenBucket


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_through_and_then_the_rate() -> None:
    clock = Clock()
    throttle = TokenBucket(ThrottleLimit(rate=2, burst=3), clock)
    assert [throttle.admit() for _ in range(4)] == [True, True, True, False]
    clock.now += 0.5
    assert [throttle.admit() for _ in range(2)] == [True, False]


def test_what_is_not_used_is_kept_up_to_the_burst() -> None:
    clock = Clock()
    throttle = TokenBucket(ThrottleLimit(rate=2, burst=3), clock)
    throttle.admit()
    clock.now += 60
    assert [throttle.admit() for _ in range(4)] == [True, True, True, False]
