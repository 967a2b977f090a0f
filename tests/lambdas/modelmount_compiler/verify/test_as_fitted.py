"""The original is asked on data as it was fitted with, and a fault of the conversion shows."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify import as_fitted
from modelmount_compiler.verify.fitted_data import FittedData, Unclear
from modelmount_compiler.verify.independence import make_pool
from modelmount_compiler.verify.probes.learned_values import listed, to_json

IDS = [2**60 + 1, 2**60 + 2, 2**60 + 3]
FRAME = pd.DataFrame({"id": IDS * 20, "v": np.arange(60.0)})


def estimator() -> Any:
    columns = ColumnTransformer(
        [("c", OneHotEncoder(handle_unknown="ignore"), ["id"])], remainder="passthrough"
    )
    return make_pipeline(columns, LogisticRegression()).fit(FRAME, FRAME.id == IDS[1])


class Spoiling(Model):
    """Answers as the original does, after a conversion with a fault."""

    def __init__(self, estimator: Any, convert: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        self._estimator, self._convert = estimator, convert

    def answer(self, batch: Any, method: str) -> Any:
        rows = [row if isinstance(row, list) else list(row.values()) for row in batch]
        frame = pd.DataFrame(rows, columns=["id", "v"])
        return getattr(self._estimator, method)(self._convert(frame))


def check(convert: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    original = estimator()
    signature = runtime.describe(original)
    model = Spoiling(original, convert)
    as_fitted.check(model, original, signature, [[i, 0.5] for i in IDS] * 3, seconds=20)


def test_the_same_answers_pass() -> None:
    check(lambda frame: frame)


def test_ids_that_became_floats_are_seen() -> None:
    with pytest.raises(ModelRejected, match="would answer") as refused:
        check(lambda frame: frame.astype({"id": float}))
    assert refused.value.code == "NOT_AS_FITTED"


def test_categories_that_became_texts_are_seen() -> None:
    with pytest.raises(ModelRejected, match="on data of the types that it was fitted with"):
        check(lambda frame: frame.astype({"id": str}))


@pytest.mark.parametrize(
    "learned",
    [
        IDS,
        [True, False],
        [0.5, 1.5],
        ["a", "1.0"],
        list(pd.date_range("2024-01-01", periods=3, unit="ns") + pd.Timedelta(1, "ns")),
        list(pd.date_range("2024-01-01", periods=3, tz="Europe/Oslo")),
        list(pd.to_timedelta([90, 180], unit="s")),
        [pd.Interval(0.0, 18.0), pd.Interval(18.0, 40.0)],
        [Decimal("0.25"), Decimal("1.5")],
        [datetime.date(2024, 1, 2)],
    ],
    ids=lambda values: type(values[0]).__name__,
)
def test_a_column_has_the_values_and_the_type_of_the_fit(learned: list[Any]) -> None:
    signature = Signature("frame", "any", 1, ("c",), True, ("predict",), None, None)
    data = FittedData(signature, {0: [*learned, float("nan")]})
    frame = data.batch([[to_json(value)] for value in learned])
    assert frame.c.tolist() == learned
    assert frame.c.dtype == pd.Series(learned).dtype
    alone, beside = data.batch([[None]]), data.batch([[to_json(learned[0])], [None]])
    assert alone.c.isna().all()
    assert beside.c.tolist()[0] == learned[0]
    assert type(beside.c.tolist()[0]) in (type(learned[0]), float)


def test_what_nobody_can_tell_is_unclear() -> None:
    signature = Signature("frame", "any", 1, ("c",), True, ("predict",), None, None)
    data = FittedData(signature, {0: ["a", "b"]})
    for row in ([1], ["a", "b"], {"d": "a"}, "a"):
        with pytest.raises(Unclear):
            data.batch([row])


def test_a_missing_value_is_that_of_the_fit() -> None:
    types = (ColumnType("string", "object", "none"), ColumnType("float", "float64"))
    signature = Signature("matrix", "any", 2, None, True, ("predict",), None, types)
    matrix = FittedData(signature, {}).batch([["a", 1], [None, None]])
    assert matrix[1][0] is None
    assert np.isnan(matrix[1][1])


def test_learned_times_stay_times() -> None:
    times = np.array(["2024-01-01T00:00:00.000000001"], dtype="datetime64[ns]")
    assert [to_json(value) for value in listed(times)] == ["2024-01-01T00:00:00.000000001"]
    assert to_json(np.timedelta64(90, "s")) == "P0DT0H1M30S"
    assert [to_json(v) for v in (pd.NaT, pd.NA, None, np.nan)] == [None] * 4


def test_a_whole_model_is_as_fitted() -> None:
    original = estimator()
    signature = runtime.describe(original)
    model = runtime.Model(original, signature)
    pool = make_pool(model, signature, original)
    as_fitted.check(model, original, signature, pool, seconds=20)
