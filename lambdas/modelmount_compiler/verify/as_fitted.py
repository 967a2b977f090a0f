"""Asks an original as it is served, and on data as it was fitted with; both must answer the same.

Between a request and a model lies the conversion of values. A fault there gives wrong answers that
no comparison through the same conversion shows. So the other side here is built without it.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.verify.calls import Predictor, Refusal, Watch, try_predict, unwatched
from modelmount_compiler.verify.comparison import shorten
from modelmount_compiler.verify.fitted_data import FittedData, Unclear
from modelmount_compiler.verify.independence.rows import (
    Miscounted,
    RowAnswer,
    differ,
    row_answers,
    size_of,
)
from modelmount_compiler.verify.predictors import from_estimator
from modelmount_compiler.verify.probes.critical_values import CriticalValues

TOGETHER = 8
SEED = 20
CODE = "NOT_AS_FITTED"


def check(
    model: Model,
    estimator: Any,
    signature: Signature,
    pool: Sequence[Any],
    *,
    seconds: float,
    watch: Watch = unwatched,
) -> None:
    """Compare both about rows alone and in company; what one side refuses proves nothing.

    Args:
        model: the original as it is served.
        estimator: the original.
        pool: instances of every kind, in turns.
        seconds: after which no more is asked.
        watch: makes the context of each call.

    Raises:
        ModelRejected: they differ.
    """
    ends = time.monotonic() + seconds
    data = _data(estimator, signature)
    fitted = from_estimator(estimator, signature, watch, data)

    def served(method: Method, instances: list[Any]) -> Any:
        with watch(len(instances)):
            return model.answer(instances, method)

    batches = [[row] for row in pool] + [
        list(pool[i : i + TOGETHER]) for i in range(0, len(pool), TOGETHER)
    ]
    for batch in batches[::-1]:
        if not _is_clear(data, batch):
            continue
        for method in signature.methods:
            if time.monotonic() > ends:
                return
            labels = method == "predict" and signature.classes is not None
            _compare(served, fitted, method, batch, labels=labels)


def _data(estimator: Any, signature: Signature) -> FittedData:
    rng = np.random.default_rng(SEED)
    learned = CriticalValues(estimator, signature.n_features or 0, rng).categories
    return FittedData(signature, learned)


def _is_clear(data: FittedData, batch: list[Any]) -> bool:
    try:
        data.batch(batch)
    except Unclear:
        return False
    return True


def _compare(
    served: Predictor, fitted: Predictor, method: Method, batch: list[Any], *, labels: bool
) -> None:
    one, other = _rows(served, method, batch), _rows(fitted, method, batch)
    if one is None or other is None:
        return
    for row, a, b in zip(batch, one, other, strict=True):
        if len(a) != len(b) or differ(a, b, size_of(a), labels=labels):
            again = _rows(served, method, batch)
            repeats = again is not None and not any(
                differ(x, y, size_of(x), labels=labels) for x, y in zip(one, again, strict=True)
            )
            if repeats:
                raise _rejected(method, row, a, b)
            return


def _rows(predictor: Predictor, method: Method, batch: list[Any]) -> list[RowAnswer] | None:
    found = try_predict(predictor, method, batch)
    try:
        return None if isinstance(found, Refusal) else row_answers(found, len(batch))
    except Miscounted:
        return None


def _rejected(method: Method, row: Any, served: RowAnswer, fitted: RowAnswer) -> ModelRejected:
    one, other = ([part.tolist() for part in answer] for answer in (served, fitted))
    return ModelRejected(
        CODE,
        f"For {shorten(row)} its {method} would answer {shorten(one)} here, and {shorten(other)} "
        "on data of the types that it was fitted with. So it isn't served: a request can't say "
        "what its columns hold. Fit it on columns of numbers or strings.",
    )
