"""Micro-batching: queries that come while one call runs are answered together in the next.

A caller that finds no call running answers all waiting queries. Then it hands over to the first
caller who came meanwhile. So no threads but the callers' own are needed, and a caller who is
alone waits for nobody.
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
        self.called = threading.Event()  # it is answered, or its caller is to run the next call
        self.answer: A | BaseException | None = None


class MicroBatcher(Generic[Q, A]):
    """Asks several queries in one call, for many threads.

    Args:
        answer: returns an answer, or an error, for each query.
        most: queries in one call.
        delay_seconds: how long a call waits for as many queries as came lately.
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
        self._lately = 1  # queries that were seen at once
        self._enough = threading.Event()

    def ask(self, query: Q) -> A:
        """Return the answer; raises the error of this query."""
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
        """Answer the waiting queries, the own one first; hand over to the next caller."""
        batch = self._gather()
        answers: Sequence[A | BaseException]
        try:
            answers = self._answer([ticket.query for ticket in batch])
            if len(answers) != len(batch):  # or a caller without one would wait for ever
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
        """Take the waiting queries, after a short wait for as many as came lately."""
        with self._lock:
            if len(self._waiting) < self._lately:
                self._enough.clear()
        if self._delay_seconds:
            self._enough.wait(self._delay_seconds)
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
