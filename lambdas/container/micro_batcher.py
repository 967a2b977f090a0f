"""Answering together what is asked at once: while one call runs, the next ones gather.

A caller that finds nobody at work answers all that wait, and then makes the first of those that
came meanwhile do the same. So no thread but the callers' own is needed, and who is alone waits for
nobody.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class _Ticket(Generic[Q, A]):
    def __init__(self, query: Q) -> None:
        self.query = query
        self.called = threading.Event()  # it is answered, or has its turn to work
        self.answer: A | BaseException | None = None


class MicroBatcher(Generic[Q, A]):
    """Asks several queries in one call, for many threads.

    Args:
        answer: gives an answer, or what went wrong, for each query.
        most: queries in one call.
        delay_seconds: how long a call waits for as many queries as the last one had.
    """

    def __init__(
        self,
        answer: Callable[[list[Q]], Sequence[A | BaseException]],
        *,
        most: int,
        delay_seconds: float = 0.0,
    ) -> None:
        self._answer = answer
        self._most = most
        self._delay_seconds = delay_seconds
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket[Q, A]] = deque()
        self._is_busy = False
        self._lately = 1  # queries seen at once
        self._enough = threading.Event()

    def ask(self, query: Q) -> A:
        """Return the answer; raises what went wrong with this query."""
        ticket: _Ticket[Q, A] = _Ticket(query)
        with self._lock:
            self._waiting.append(ticket)
            leads = not self._is_busy
            self._is_busy = True
            if len(self._waiting) >= self._lately:
                self._enough.set()
        if not leads:
            ticket.called.wait()
        if ticket.answer is None:
            self._work(ticket)
        if isinstance(ticket.answer, BaseException):
            raise ticket.answer
        return ticket.answer  # type: ignore[return-value]  # `_work` left no None

    def _work(self, own: _Ticket[Q, A]) -> None:
        """Answer what waits, whose first is one's own; hand over to the next."""
        batch = self._gather()
        answers: Sequence[A | BaseException]
        try:
            answers = self._answer([ticket.query for ticket in batch])
            if len(answers) != len(batch):  # or who got none would wait for ever
                raise RuntimeError(f"{len(batch)} queries got {len(answers)} answers.")
        except BaseException as error:
            answers = [error] * len(batch)
        with self._lock:
            for ticket, answer in zip(batch, answers, strict=True):
                ticket.answer = answer
            successor = self._waiting[0] if self._waiting else None
            self._is_busy = successor is not None
            self._lately = min(len(batch) + len(self._waiting), self._most)
        for ticket in batch:
            if ticket is not own:
                ticket.called.set()
        if successor is not None:
            successor.called.set()

    def _gather(self) -> list[_Ticket[Q, A]]:
        """Take what waits; for a moment, wait until that is as much as it was lately."""
        with self._lock:
            if len(self._waiting) < self._lately:
                self._enough.clear()
        if self._delay_seconds:
            self._enough.wait(self._delay_seconds)
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
