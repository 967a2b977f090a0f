"""A breaker: a version that fails again and again is put aside for a while."""

import json
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from serving.errors import ModelPutAside

logger = logging.getLogger(__name__)
# So many failures within so many seconds put a version aside. A time-out counts for two.
FAILURES = 3
WITHIN_SECONDS = 300.0
# How long it stays aside: at first, and at most after it failed again and again.
FIRST_PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 600.0


class Versioned(Protocol):
    """The identity of a version."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def version(self) -> str:
        """The version's name."""


class Rest(NamedTuple):
    """A version that is put aside: why, and in how many seconds it is tried again."""

    reason: str
    seconds: int


class Breaker:
    """The failures of one version's worker.

    After a pause one caller tries again. If that succeeds, all may; otherwise the pause doubles.

    Args:
        name: the version's name in texts.
        version: its model and its own name, for the log.
        clock: seconds that only go forward.
    """

    def __init__(
        self, name: str, version: Versioned, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._version = version
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: deque[float] = deque()
        self._pause = FIRST_PAUSE_SECONDS
        self._reason = ""
        self._open_until: float | None = None

    @property
    def rest(self) -> Rest | None:
        """The version's rest, while it is put aside."""
        until = self._open_until
        if until is None or (left := until - self._clock()) <= 0:
            return None
        return Rest(self._reason, max(1, math.ceil(left)))

    def check(self) -> None:
        """Raise `ModelPutAside` while the version is put aside."""
        if self._open_until is not None and (rest := self.rest) is not None:
            raise self._put_aside(rest)

    def claim(self, seconds: float) -> None:
        """Check, and after a pause be the one caller who tries, for so many seconds."""
        if self._open_until is None:
            return
        with self._lock:
            self.check()
            if self._open_until is not None:
                self._open_until = self._clock() + seconds

    def succeeded(self) -> None:
        """Note an answer."""
        if self._open_until is None:
            return
        with self._lock:
            self._open_until, self._pause = None, FIRST_PAUSE_SECONDS
            self._failures.clear()
        logger.warning("%s answers again", self._name)

    def failed(self, reason: str, *, count: int = 1) -> None:
        """Note a failure, and put the version aside after several."""
        with self._lock:
            now, self._reason = self._clock(), reason
            self._failures.extend([now] * count)
            while self._failures and self._failures[0] <= now - WITHIN_SECONDS:
                self._failures.popleft()
            was_aside = self._open_until is not None
            if count == 0 or (not was_aside and len(self._failures) < FAILURES):
                return
            if was_aside:
                self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            self._open_until = now + self._pause
        if was_aside:
            logger.error("%s stays aside for %.0f s: it %s", self._name, self._pause, reason)
        else:
            logger.error("%s %s", ModelPutAside.code, self._record(reason))

    def _record(self, reason: str) -> str:
        """Return what the log tells, and a notice by that (`notifier`)."""
        text = f"It {reason}, again and again; it is tried again in {self._pause:.0f} s."
        record = {"model": self._version.model, "version": self._version.version, "reason": text}
        return json.dumps(record)

    def _put_aside(self, rest: Rest) -> ModelPutAside:
        return ModelPutAside(
            f"{self._name} is put aside: it {rest.reason}, again and again. It is tried again in "
            f"{rest.seconds} s. Upload a corrected version, or ask another one.",
            retry_seconds=rest.seconds,
        )
