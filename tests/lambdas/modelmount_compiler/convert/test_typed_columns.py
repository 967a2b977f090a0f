"""A row gets one answer: alone, beside other rows, compiled, and from data with the fit's types."""

import itertools
from decimal import Decimal
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, TargetEncoder

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.instances.fitted_frames import fitted_frame
from modelmount_compiler.signature import Signature
from tests.lambdas.modelmount_compiler.convert.comparison import title

ROWS = 160
RANDOM = np.random.default_rng(0)
OBJECTS: Any = {"dtype": object}
FRAME = pd.DataFrame(
    {
        "id": RANDOM.choice([2**60 + 1, 2**60 + 2, 2**60 + 3], ROWS),
        "count": RANDOM.integers(0, 4, ROWS),
        "town": RANDOM.choice(np.array(["a", "b", "1", np.nan], **OBJECTS), ROWS),
        "size": pd.Series(RANDOM.choice(np.array(["s", "m", None], **OBJECTS), ROWS), **OBJECTS),
        "share": RANDOM.choice([0.5, 2.0, np.nan], ROWS),
        "ok": RANDOM.random(ROWS) < 0.5,
        "maybe": pd.Series(
            RANDOM.choice(np.array([True, False, None], **OBJECTS), ROWS), **OBJECTS
        ),
        "day": pd.date_range("2024-01-01", periods=8).repeat(ROWS // 8),
        "band": pd.cut(RANDOM.integers(1, 90, ROWS), [0, 18, 40, 100]),
        "price": [Decimal(int(cents)) / 100 for cents in RANDOM.integers(0, 4, ROWS)],
        "v": RANDOM.normal(size=ROWS),
    }
)
LABELS = (FRAME["v"] + (FRAME["count"] > 1) + FRAME["ok"] > 1).astype(int)
PARSED = ("day", "band", "price")
CELLS: list[Any] = [
    *(None, 0, 1, 2.0, 2.5, True, False, "a", "1", "1.0", "s", 2**53 + 1, 2**60 + 2, 2**64),
    *("2024-01-03", "2024-01-03T00:00:00Z", "(0, 18]", "(0.0, 18.0]", "0.02", 0.02),
]
IGNORANT = OneHotEncoder(handle_unknown="ignore")
ENCODERS = [
    IGNORANT,
    OneHotEncoder(),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    TargetEncoder(),
]
IMPUTED = [
    make_pipeline(SimpleImputer(strategy="most_frequent"), IGNORANT),
    make_pipeline(SimpleImputer(strategy="most_frequent", add_indicator=True), IGNORANT),
]
NUMERIC = [
    SimpleImputer(strategy="most_frequent"),
    SimpleImputer(strategy="constant", fill_value=0),
    FunctionTransformer(np.log1p),
]


def encoded(step: Any, column: Any) -> Any:
    chosen = ColumnTransformer([("c", step, [column])], remainder="passthrough")
    return make_pipeline(chosen, LogisticRegression())


def wire(value: Any) -> Any:
    """Return a fitted value as a request has it."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value) if isinstance(value, pd.Interval | Decimal) else value


def answer(model: Model, rows: list[Any]) -> Any:
    """Return the probabilities of each row; None where the model refuses."""
    try:
        return model.infer(rows, "predict_proba")
    except InputMismatch:
        return None


def own(estimator: Any, row: list[Any], signature: Signature) -> Any:
    return estimator.predict_proba(fitted_frame([row], signature))[0].tolist()


def assert_one_answer(estimator: Any, data: Any, *, compiles: bool = True) -> None:
    signature = runtime.describe(estimator.fit(data, LABELS))
    models: list[Model] = [runtime.Model(estimator, signature)]
    if compiles:
        models.append(ProgramModel(compile_model(estimator, signature), signature))
    values = data if isinstance(data, np.ndarray) else data.astype(object).to_numpy()
    rows = [[wire(value) for value in row] for row in values.tolist()]
    expected = estimator.predict_proba(data)
    for model in models:
        np.testing.assert_allclose(answer(model, rows), expected, rtol=1e-12)
    for cell, model in itertools.product(CELLS, models):
        row = [cell, *rows[3][1:]]
        alone = answer(model, [row])
        for mates in ([rows[5]], [rows[5], rows[7], rows[0]]):
            beside = answer(model, [*mates, row])
            assert (beside is None) == (alone is None), cell
            if alone is not None:
                np.testing.assert_allclose(beside[-1], alone[0], rtol=1e-13, err_msg=f"{cell!r}")
        if alone is not None:
            np.testing.assert_allclose(alone[0], own(estimator, row, signature), rtol=1e-12)


@pytest.mark.parametrize("step", ENCODERS, ids=title)
@pytest.mark.parametrize("column", [c for c in FRAME if c != "v"])
def test_of_an_encoder(step: Any, column: str) -> None:
    assert_one_answer(encoded(step, column), FRAME[[column, "v"]], compiles=column not in PARSED)


@pytest.mark.parametrize("step", IMPUTED, ids=title)
@pytest.mark.parametrize("column", ["id", "count", "town", "size", "share", "band"])
def test_of_an_imputer(step: Any, column: str) -> None:
    assert_one_answer(encoded(step, column), FRAME[[column, "v"]], compiles=column not in PARSED)


@pytest.mark.parametrize("step", NUMERIC, ids=title)
def test_of_numbers(step: Any) -> None:
    chosen = ColumnTransformer([("c", step, ["share"])], remainder="passthrough")
    model = make_pipeline(chosen, HistGradientBoostingClassifier(max_iter=5))
    assert_one_answer(model, FRAME[["share", "v"]])


@pytest.mark.parametrize("column", ["id", "count", "town", "size", "maybe"])
def test_of_an_array_of_objects(column: str) -> None:
    assert_one_answer(encoded(IGNORANT, 0), FRAME[[column, "v"]].astype(object).to_numpy())


def test_of_long_identifiers_in_a_matrix() -> None:
    model = make_pipeline(IGNORANT, LogisticRegression())
    assert_one_answer(model, FRAME[["id", "count"]].to_numpy())


@pytest.mark.parametrize("column", ["count", "ok", "town"])
def test_of_catboost(column: str) -> None:
    data = FRAME[[column, "v"]].fillna({"town": "?"})
    model = catboost.CatBoostClassifier(
        iterations=3, verbose=0, cat_features=[column], allow_writing_files=False
    )
    assert_one_answer(model, data, compiles=False)
