"""Queries to a slow model are answered in one call, which takes most models hardly longer."""

from dataclasses import replace
from typing import Any

from container.micro_batcher import MicroBatcher
from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import Method
from serving.errors import RequestError
from serving.service.query import Answer, Ask, Query

# A faster model gains nothing from waiting, nor from a thread of its own.
SLOW_MS = 1.0
# Queries of one kind can be put together: model, version and method.
Kind = tuple[str, str | None, Method]


class QueryBatcher:
    """Puts together the queries that come to a slow model at once.

    Answers are those to each query alone, but for the last digits of sums whose order depends on
    the number of rows. So only models are asked like this whose rows were seen to be independent
    (`Description.independence`); any other is asked one query at a time.

    Args:
        ask: answers one query.
        most: the largest number of queries in one call; 1 for none together.
        delay_seconds: how long a query may wait for others.
    """

    def __init__(self, ask: Ask, *, most: int, delay_seconds: float) -> None:
        self._ask = ask
        self._most = most
        self._delay_seconds = delay_seconds
        self._slow: set[Kind] = set()
        self._quick: set[str] = set()
        self._batchers: dict[Kind, MicroBatcher[Query, Answer]] = {}

    def ask(self, query: Query) -> Answer:
        """Answer as the wrapped `ask`, together with other queries to a slow model."""
        kind = (query.model, query.version, query.method)
        if kind in self._slow and self._most > 1 and isinstance(query.batch, list):
            answer = self._batcher(kind).ask(query)
        else:
            answer = self._ask(query)
        self._note(kind, answer)
        return answer

    def is_quick(self, model: str) -> bool:
        """Whether the last answer came from this process, and sooner than from another thread."""
        return model in self._quick

    def forget(self, model: str) -> None:
        """Forget how fast a model is: another may take its name."""
        self._quick.discard(model)
        for kind in [kind for kind in self._slow.copy() if kind[0] == model]:
            self._slow.discard(kind)
            self._batchers.pop(kind, None)

    def _note(self, kind: Kind, answer: Answer) -> None:
        if answer.predict_ms >= SLOW_MS and answer.manifest.description.rows_are_independent:
            self._slow.add(kind)
        else:
            self._slow.discard(kind)
        if answer.predict_ms < SLOW_MS and answer.is_in_process:
            self._quick.add(kind[0])
        else:
            self._quick.discard(kind[0])

    def _batcher(self, kind: Kind) -> MicroBatcher[Query, Answer]:
        fresh: MicroBatcher[Query, Answer] = MicroBatcher(
            self._together, most=self._most, delay_seconds=self._delay_seconds
        )
        return self._batchers.setdefault(kind, fresh)

    def _together(self, queries: list[Query]) -> list[Answer | BaseException]:
        """Answer queries of one kind; if one is refused, each by itself.

        Meanwhile another model may have taken the name, whose rows influence each other.
        """
        if len(queries) > 1:
            rows = [row for query in queries for row in _rows(query)]
            try:
                whole = self._ask(replace(queries[0], batch=rows))
            except RequestError:
                pass
            else:
                if whole.manifest.description.rows_are_independent:
                    return _split(whole, [len(query.batch) for query in queries])
        return [self._alone(query) for query in queries]

    def _alone(self, query: Query) -> Answer | BaseException:
        try:
            return self._ask(query)
        except Exception as error:
            return error


def _rows(query: Query) -> list[Any]:
    return query.batch if isinstance(query.batch, list) else []  # others come alone


def _split(whole: Answer, lengths: list[int]) -> list[Answer | BaseException]:
    parts: list[Answer | BaseException] = []
    begin = 0
    for length in lengths:
        part = outputs.part(whole.result, slice(begin, begin + length))
        parts.append(replace(whole, result=part))
        begin += length
    return parts
