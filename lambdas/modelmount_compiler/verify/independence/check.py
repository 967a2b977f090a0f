"""Asks a model about rows alone, in company and in another order, and tells what that showed."""

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.independence import Independence
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.verify.calls import Refusal, Watch, try_predict, unwatched
from modelmount_compiler.verify.comparison import shorten
from modelmount_compiler.verify.independence.companies import Company, companies_of, moved
from modelmount_compiler.verify.independence.rows import (
    Miscounted,
    RowAnswer,
    differ,
    row_answers,
    size_of,
)

ROUND = 6  # rows that are put together at once
FEWEST_ROWS = 4
SEED = 20
CODE = "NOT_ROW_WISE"
HINT = (
    "An answer must belong to each row. Leave out the step that transposes, merges or drops rows, "
    "or aggregates them."
)

Outcome = list[RowAnswer] | Refusal


class Influence(Exception):
    """A row's answer is another beside other rows; the text says how."""


class Unknown(Exception):
    """Nothing was shown; the text says why."""


def check(
    model: Model,
    signature: Signature,
    pool: Sequence[Any],
    *,
    seconds: float,
    watch: Watch = unwatched,
) -> Independence:
    """Find out whether rows influence each other's answers.

    Args:
        pool: instances of every kind, in turns.
        seconds: after which no more is asked.
        watch: makes the context of each call.

    Raises:
        ModelRejected: the answers don't belong to rows: there are more or fewer of them.
    """
    ends = time.monotonic() + seconds
    probes = 0
    try:
        for number, method in enumerate(signature.methods, 1):
            share = (ends - time.monotonic()) / (len(signature.methods) - number + 1)
            probes += _Asking(model, signature, method, watch).ask(pool, share)
    except Influence as found:
        return Independence("dependent", probes, str(found))
    except Unknown as why:
        return Independence("unknown", probes, str(why))
    return Independence("independent", probes)


class _Asking:
    """Asks about one method."""

    def __init__(self, model: Model, signature: Signature, method: Method, watch: Watch) -> None:
        self._model = model
        self._method = method
        self._watch = watch
        self._width = len(signature.columns) if signature.columns else signature.n_features
        self._labels = method == "predict" and signature.classes is not None
        self._rng = np.random.default_rng(SEED)
        self._answered = self._miscounted = 0
        self._miscount = ""

    def ask(self, pool: Sequence[Any], seconds: float) -> int:
        """Ask in rounds, and return the number of rows; raises as `check` explains."""
        ends = time.monotonic() + seconds
        probes = 0
        for begin in range(0, len(pool), ROUND):
            probes += self._round(pool[begin : begin + ROUND], is_first=probes == 0)
            if time.monotonic() > ends:
                break
        if self._miscounted > self._answered:
            raise ModelRejected(CODE, f"Asked for {self._method}, {self._miscount}. {HINT}")
        if self._miscounted:
            raise Influence(f"{self._method}: {self._miscount}")
        if probes < FEWEST_ROWS:
            raise Unknown(f"{self._method}: no rows were found that the model takes")
        return probes

    def _round(self, rows: Sequence[Any], *, is_first: bool) -> int:
        alone = {i: self._outcome([row]) for i, row in enumerate(rows)}
        answers = {i: found[0] for i, found in alone.items() if isinstance(found, list)}
        refused = [i for i, found in alone.items() if isinstance(found, Refusal)]
        taken = list(answers)
        self._check_refused(rows, refused, taken[:1])
        if len(taken) < 2:
            return len(taken)
        if is_first:
            self._check_repeats(rows, taken)
        for company in companies_of(taken, self._width):
            self._compare(rows, company, answers)
        return len(taken)

    def _check_refused(self, rows: Sequence[Any], refused: Company, taken: Company) -> None:
        """Require that what is refused alone is so beside others; raises `Influence`."""
        company = [*taken, *refused[:1]] if taken else refused
        if not refused or len(company) == 1:
            return
        if isinstance(self._outcome([rows[i] for i in company]), list):
            raise Influence(
                f"{self._method} refuses {shorten(rows[refused[0]])} alone, and answers it beside "
                "other rows"
            )

    def _compare(
        self, rows: Sequence[Any], company: Company, answers: dict[int, RowAnswer]
    ) -> None:
        """Compare a company's answers with those to its rows alone; raises `Influence`."""
        together = self._outcome([rows[i] for i in company])
        if together is None:
            return
        difference = self._difference(company, together, answers)
        if difference is None or not self._is_confirmed(rows, company):
            return
        i, other = difference
        beside = f"beside {len(company) - 1} others"
        raise Influence(
            f"for {shorten(rows[i])} alone {self._method} answers {_shown(answers[i])}, and "
            f"{beside} {_shown(other)}"
            if other is not None
            else f"{self._method} answers rows alone that it refuses {beside}"
        )

    def _difference(
        self, company: Company, together: Outcome, answers: dict[int, RowAnswer]
    ) -> tuple[int, RowAnswer | None] | None:
        """Return the first row whose answer is another in company, with that answer."""
        if isinstance(together, Refusal):
            return company[0], None
        usual = median(size_of(answer) for answer in answers.values())
        for i, found in zip(company, together, strict=True):
            if len(found) != len(answers[i]) or differ(
                answers[i], found, usual, labels=self._labels
            ):
                return i, found
        return None

    def _is_confirmed(self, rows: Sequence[Any], company: Company) -> bool:
        """Whether rows a millionth away show a difference too; otherwise the first was a tie."""
        near = {i: moved(rows[i], self._rng) for i in set(company)}
        alone = {i: self._outcome([row]) for i, row in near.items()}
        answers = {i: found[0] for i, found in alone.items() if isinstance(found, list)}
        if len(answers) < len(near):
            return True
        together = self._outcome([near[i] for i in company])
        return together is None or self._difference(company, together, answers) is not None

    def _check_repeats(self, rows: Sequence[Any], company: Company) -> None:
        """Require that the same rows have the same answers again; raises `Unknown`."""
        first, second = (self._outcome([rows[i] for i in company]) for _ in range(2))
        if not isinstance(first, list) or not isinstance(second, list):
            return
        usual = median(map(size_of, first))
        pairs = zip(first, second, strict=True)
        if any(differ(a, b, usual, labels=self._labels) for a, b in pairs):
            raise Unknown(f"{self._method} answers the same rows otherwise from call to call")

    def _outcome(self, instances: list[Any]) -> Outcome | None:
        """Return the rows' answers, a refusal, or None where their number is wrong."""

        def answer(method: Method, batch: list[Any]) -> Any:
            with self._watch(len(batch)):
                return self._model.answer(batch, method)

        found = try_predict(answer, self._method, instances)
        if isinstance(found, Refusal):
            return found
        try:
            rows = row_answers(found, len(instances))
        except Miscounted as error:
            self._miscounted += 1
            self._miscount = self._miscount or str(error)
            return None
        self._answered += 1
        return rows


def _shown(answer: RowAnswer) -> str:
    values = [part.tolist() for part in answer]
    return shorten(values[0] if len(values) == 1 else values)
