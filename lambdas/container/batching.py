"""Requests to a slow model, answered in one call: most models take hardly longer for ten rows."""

from dataclasses import replace
from typing import Any

from container.combining import Combiner
from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import Method
from serving.errors import RequestError
from serving.service.model_source import ModelSource
from serving.service.query import Query
from serving.service.service import Answer, Service

# What is faster gains nothing from waiting, nor from a thread of its own.
SLOW_MS = 1.0
Asked = tuple[str, str | None, Method]


class BatchedService(Service):
    """A service that puts together what is asked of a slow model at once.

    Answers are those to each query alone, but for the last digits of sums whose order depends on
    the number of rows.
    """

    def __init__(
        self,
        models: ModelSource,
        *,
        budget_bytes: int,
        limit_bytes: int | None = None,
        refresh_seconds: float,
        most: int,
        delay_seconds: float,
    ) -> None:
        super().__init__(
            models,
            budget_bytes=budget_bytes,
            limit_bytes=limit_bytes,
            refresh_seconds=refresh_seconds,
        )
        self._most = most
        self._delay_seconds = delay_seconds
        self._slow: set[Asked] = set()
        self._quick: set[str] = set()
        self._combiners: dict[Asked, Combiner[Query, Answer]] = {}

    def ask(self, query: Query) -> Answer:
        """Answer as `Service.ask`, together with what else is asked of a slow model."""
        asked = (query.model, query.version, query.method)
        if asked in self._slow and self._most > 1 and isinstance(query.batch, list):
            answer = self._combiner(asked).ask(query)
        else:
            answer = super().ask(query)
        self._note(asked, answer.predict_ms)
        return answer

    def keep(self, model: str) -> None:
        """Load a model, and don't evict it before it is unloaded; raises as `ask` does."""
        self._switch.pin(model)
        self.load(model)

    def is_quick(self, model: str) -> bool:
        """Whether the model's last answer took less than a switch of threads is worth."""
        return model in self._quick

    def forget(self, model: str) -> None:
        """Forget how fast a model is, which another may replace."""
        self._quick.discard(model)
        for asked in [asked for asked in self._slow.copy() if asked[0] == model]:
            self._slow.discard(asked)
            self._combiners.pop(asked, None)

    def _note(self, asked: Asked, predict_ms: float) -> None:
        if predict_ms < SLOW_MS:
            self._slow.discard(asked)
            self._quick.add(asked[0])
        else:
            self._slow.add(asked)
            self._quick.discard(asked[0])

    def _combiner(self, asked: Asked) -> Combiner[Query, Answer]:
        fresh: Combiner[Query, Answer] = Combiner(
            self._together, most=self._most, delay_seconds=self._delay_seconds
        )
        return self._combiners.setdefault(asked, fresh)

    def _together(self, queries: list[Query]) -> list[Answer | BaseException]:
        """Answer queries of one kind; if one is refused, each by itself."""
        if len(queries) > 1:
            rows = [row for query in queries for row in _rows(query)]
            try:
                whole = super().ask(replace(queries[0], batch=rows))
            except RequestError:
                pass
            else:
                return _split(whole, [len(query.batch) for query in queries])
        return [self._alone(query) for query in queries]

    def _alone(self, query: Query) -> Answer | BaseException:
        try:
            return super().ask(query)
        except Exception as error:
            return error


def _rows(query: Query) -> list[Any]:
    return query.batch if isinstance(query.batch, list) else []  # others come alone


def _split(whole: Answer, lengths: list[int]) -> list[Answer | BaseException]:
    parts: list[Answer | BaseException] = []
    begin = 0
    for length in lengths:
        part = outputs.part(whole.result, slice(begin, begin + length))
        parts.append(Answer(whole.manifest, part, whole.load_ms, whole.predict_ms))
        begin += length
    return parts
