"""The rollout of an endpoint's update."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """Shifts traffic to an update: all at once, as a canary, or in linear steps.

    Attributes:
        traffic: `all_at_once`, `canary` or `linear`.
        percent: the share of traffic in the canary, or in each linear step.
        wait_seconds: the wait after each step, during which an alarm rolls the update back.
        max_errors: the number of 5xx answers per minute above which an alarm goes off.
        max_latency_ms: the 99th percentile per minute above which an alarm goes off.
    """

    traffic: str = "canary"
    percent: int = 10
    wait_seconds: int = 300
    max_errors: int = 5
    max_latency_ms: int = 10_000

    @property
    def total_wait_seconds(self) -> int:
        """Returns the sum of all waits of an undisturbed update."""
        steps = {"all_at_once": 1, "canary": 1, "linear": -(-100 // self.percent)}
        return steps[self.traffic] * self.wait_seconds
