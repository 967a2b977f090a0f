"""A value that a library can't take is the caller's fault, and a model that fails is not."""

from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import refusals
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.instances.batches import Batch, Table
from modelmount_compiler.signature import Signature

pytestmark = pytest.mark.usefixtures("one_thread")

FRAME = pd.DataFrame({"town": ["a", "b"] * 20, "rooms": np.arange(40.0)})
REVIEWS = pd.DataFrame({"text": ["good film", "bad film"] * 20, "stars": np.arange(40.0)})
LABELS = [0, 1] * 20


def served(model: Any) -> Model:
    return runtime.Model(model, runtime.describe(model))


def cats() -> Model:
    model = catboost.CatBoostClassifier(
        iterations=3, verbose=0, cat_features=["town"], allow_writing_files=False
    )
    return served(model.fit(FRAME, LABELS))


def reviews() -> Any:
    columns = ColumnTransformer(
        [("t", TfidfVectorizer(), "text"), ("s", StandardScaler(), ["stars"])]
    )
    return make_pipeline(columns, LogisticRegression()).fit(REVIEWS, LABELS)


def refusal(model: Model, batch: Batch) -> InputMismatch:
    with pytest.raises(InputMismatch) as caught:
        model.infer(batch, "predict")
    return caught.value


@pytest.mark.parametrize("value", [1.5, None, [1], {"a": 1}])
@pytest.mark.parametrize("others", [0, 1, 5])
def test_catboosts_own_errors_have_row_and_column(value: Any, others: int) -> None:
    sound = {"town": "a", "rooms": 1}
    rows = [sound] * others + [{"town": value, "rooms": 2}] + [sound] * others
    error = refusal(cats(), rows)
    assert error.field == f"$.instances[{others}].town"
    assert f"instances[{others}].town" in str(error)


@pytest.mark.parametrize("value", [None, 5, True, ["good"]])
@pytest.mark.parametrize("form", ["original", "program"])
def test_a_text_column_refuses_what_is_no_text(value: Any, form: str) -> None:
    estimator = reviews()
    signature = runtime.describe(estimator)
    model: Model = runtime.Model(estimator, signature)
    if form == "program":
        model = ProgramModel(compile_model(estimator, signature), signature)
    error = refusal(model, [["good film", 1], [value, 2]])
    assert error.field == "$.instances[1][0]"
    table = Table(("stars", "text"), [[1, "good film"], [2, value]])
    error = refusal(model, table)
    assert "(column 'text')" in str(error)
    assert (error.field or "").startswith("$.instances[1][")


def test_a_nan_in_an_array_is_found() -> None:
    model = served(
        make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME[["rooms"]], LABELS)
    )
    rows: list[Any] = [{"rooms": 1.0}] * 9
    rows[7] = {"rooms": None}
    assert refusal(model, rows).field == "$.instances[7].rooms"


class Picky(BaseEstimator):  # type: ignore[misc]  # untyped
    """Raises an error of a class that is named, for rows that it doesn't like."""

    def __init__(self, error: type[Exception], *, always: bool = False) -> None:
        self.error, self.always, self.n_features_in_ = error, always, 2
        self.fitted_ = True
        self.calls = 0

    def predict(self, X: Any) -> Any:  # noqa: N803 (scikit-learn's X)
        self.calls += 1
        if self.always or (np.asarray(X) == 13).any():
            raise self.error("no")
        return np.zeros(len(X))


NUMBERS = Signature("matrix", "number", 2, None, False, ("predict",))
ERRORS = [KeyError, IndexError, AttributeError, ZeroDivisionError, RuntimeError, AssertionError]


@pytest.mark.parametrize("error", [*ERRORS, ValueError, TypeError])
def test_an_error_of_any_class_is_about_the_value_that_causes_it(error: type[Exception]) -> None:
    found = refusal(runtime.Model(Picky(error), NUMBERS), [[1, 2], [1, 13], [3, 4]])
    assert found.field == "$.instances[1][1]"
    assert "instances[1][1] is a number" in str(found)


@pytest.mark.parametrize("error", ERRORS)
def test_a_model_that_answers_nothing_is_at_fault_itself(error: type[Exception]) -> None:
    with pytest.raises(error):
        runtime.Model(Picky(error, always=True), NUMBERS).infer([[1, 2]], "predict")


@pytest.mark.parametrize("error", [MemoryError, OSError, ImportError])
def test_what_the_process_lacks_is_never_a_value(error: type[Exception]) -> None:
    with pytest.raises(error):
        runtime.Model(Picky(error), NUMBERS).infer([[1, 13]], "predict")


def test_a_slow_model_is_not_asked_again_and_again() -> None:
    calls: list[Batch] = []

    def ask(batch: Batch) -> None:
        calls.append(batch)
        raise ValueError("no")

    error = refusals.explained(ValueError("no"), [[1, 13]] * 50, NUMBERS, ask, seconds=9.0)
    assert isinstance(error, InputMismatch)
    assert error.field == "$.instances"
    assert not calls


def test_paths_on_the_server_are_not_told() -> None:
    def ask(_: Batch) -> None:
        raise ValueError("/opt/python/lib/secret.py is bad")

    error = refusals.explained(ValueError("x"), [[1, 13]], NUMBERS, ask, seconds=0.0)
    assert "/opt/python" not in str(error)
    assert "secret.py is bad" in str(error)
