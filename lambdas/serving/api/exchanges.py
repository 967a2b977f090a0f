"""Exchanges: queries to models and their answers, recorded while a request is answered."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from serving.records.naming import MAX_NAME_BYTES
from serving.service.query import Answer, Ask, Query


@dataclass(slots=True)
class Exchange:
    """A query to a model, and its answer; None where it refused."""

    query: Query
    answer: Answer | None = None

    def names(self) -> tuple[str, str | None]:
        """Return model and version of the answer, or else of the query, cut to a name's length."""
        if self.answer:
            return self.answer.manifest.model, self.answer.manifest.version
        version = self.query.version
        return self.query.model[:MAX_NAME_BYTES], version and version[:MAX_NAME_BYTES]


_exchanges: ContextVar[list[Exchange] | None] = ContextVar("exchanges", default=None)


def recorded(ask: Ask) -> Ask:
    """Wrap `ask` so that exchanges are recorded while a request is being captured."""

    def record(query: Query) -> Answer:
        exchanges = _exchanges.get()
        if exchanges is None:
            return ask(query)
        exchange = Exchange(query)
        exchanges.append(exchange)
        exchange.answer = answer = ask(query)
        return answer

    return record


@contextlib.contextmanager
def recording() -> Iterator[list[Exchange]]:
    """Record the exchanges of this thread until the block ends."""
    exchanges: list[Exchange] = []
    token = _exchanges.set(exchanges)
    try:
        yield exchanges
    finally:
        _exchanges.reset(token)
