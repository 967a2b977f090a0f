"""Eight callers, each of which asks one model after another, and what became of each call."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.soak.models import HOSTILE, NAMES, ROW, SECRET

CALLERS = 8
OK, UNAVAILABLE = 200, 503
SETTLE_SECONDS = 120


@dataclass(frozen=True)
class Reply:
    """An answer, and how long its caller was served."""

    status: int
    body: Any
    seconds: float


class Door(Protocol):
    """A way to serve the models."""

    def ask(self, model: str, instances: list[Any]) -> Reply:
        """Ask a model; many threads do so at once."""

    def ended(self) -> int:
        """Return how many of its own processes have ended."""


@dataclass
class Seen:
    """What the callers saw."""

    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in NAMES})
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def slowest_ms(self) -> dict[str, float]:
        """Return the time that one call in a hundred passes, by model."""
        return {
            name: round(sorted(times)[int(len(times) * 0.99)] * 1e3, 1)
            for name, times in self.times.items()
            if times
        }


class Callers:
    """Asks by a door, as a seed says."""

    def __init__(self, door: Door, seed: int) -> None:
        self._door = door
        self._seed = seed
        self._lock = threading.Lock()
        self._expected = self._settled()

    def run(self, seconds: float, *, beside: bool) -> Seen:
        """Ask for so long: honest models alone, or beside the hostile ones."""
        seen, names = Seen(), (*NAMES, *HOSTILE) if beside else NAMES
        end = time.monotonic() + seconds

        def call(number: int) -> None:
            draw = random.Random(self._seed + number)
            while time.monotonic() < end:
                self._one(draw.choice(names), seen)

        _at_once(call)
        return seen

    def _settled(self) -> dict[str, Any]:
        """Ask honest models until every process has started all; return what they answer."""
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            replies: list[tuple[str, Reply]] = []

            def call(_: int, replies: list[tuple[str, Reply]] = replies) -> None:
                replies.extend((name, self._door.ask(name, [ROW])) for name in NAMES)

            _at_once(call)
            amiss = [reply for _, reply in replies if reply.status != OK]
            if not amiss:
                return {name: reply.body["predictions"] for name, reply in replies}
            assert time.monotonic() < end, amiss[0]

    def _one(self, name: str, seen: Seen) -> None:
        instances: list[Any] = [HOSTILE[name]] if name in HOSTILE else [ROW]
        reply = self._door.ask(name, instances)
        told = _told(name, reply, self._expected)
        with self._lock:
            seen.outcomes[told] += 1
            if name not in HOSTILE:
                seen.times[name].append(reply.seconds)
            if told in ("failed", "changed", "seen", "no clear error"):
                seen.failures.append(f"{name}: {str(reply)[:300]}")


def _told(name: str, reply: Reply, expected: dict[str, Any]) -> str:
    """Return what became of a call."""
    if name not in HOSTILE:
        if reply.status != OK:
            return "failed"
        return "honest" if reply.body["predictions"] == expected[name] else "changed"
    if reply.status == OK:
        told = str(reply.body)
        return "seen" if str(int(ROW[0])) in told or SECRET in told else f"{name}: answered"
    error = reply.body.get("error", {}) if isinstance(reply.body, dict) else {}
    is_clear = reply.status == UNAVAILABLE and name in error.get("message", "")
    return f"{name}: {error['code']}" if is_clear else "no clear error"


def _at_once(task: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=task, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def soak(door: Door, seconds: float, seed: int) -> dict[str, Any]:
    """Ask alone and then beside; return the figures."""
    callers = Callers(door, seed)
    alone = callers.run(seconds / 4, beside=False).slowest_ms()
    seen = callers.run(seconds, beside=True)
    beside = seen.slowest_ms()
    asked = sum(map(len, seen.times.values()))
    outcomes = seen.outcomes
    return {
        "seed": seed,
        "seconds": seconds,
        "honest_asked": asked,
        "honest_failed": outcomes.pop("failed", 0),
        "answers_changed": outcomes.pop("changed", 0),
        "inputs_or_secrets_seen": outcomes.pop("seen", 0),
        "errors_not_clear": outcomes.pop("no clear error", 0),
        "processes_ended": door.ended(),
        "p99_ms_alone": alone,
        "p99_ms_beside": beside,
        "p99_ratio": {name: round(beside[name] / alone[name], 2) for name in alone},
        "hostile": {k: v for k, v in sorted(outcomes.items()) if k != "honest"},
        "failures": seen.failures[:20],
    }
