"""An upload is asked in company; the manifest tells what that showed, and the API does."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, scale

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.sklearn.model import Model
from modelmount_compiler.independence import Independence
from preparation.describe import describe, refusal_of
from serving.records import codec
from serving.records.manifest import Description
from serving.repository import status_report
from serving.repository.model_reader import ModelReader
from tests.lambdas import zoo


def described(folder: Path, estimator: BaseEstimator) -> Description:
    joblib.dump(estimator, folder / "model.joblib")
    return describe(folder / "model.joblib", "joblib")


def scaled() -> BaseEstimator:
    return make_pipeline(FunctionTransformer(scale), LinearRegression()).fit(zoo.X, zoo.Y)


def test_the_description_tells_whether_rows_are_independent(tmp_path: Path) -> None:
    independent = described(tmp_path, LinearRegression().fit(zoo.X, zoo.Y))
    assert independent.rows_are_independent
    dependent = described(tmp_path, scaled())
    assert not dependent.rows_are_independent
    assert dependent.independence is not None
    assert "alone predict answers" in str(dependent.independence.reason)
    assert codec.loads(Description, codec.dumps(dependent)) == dependent


def test_a_transpose_is_refused_with_that_reason(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected) as refused:
        described(tmp_path, FunctionTransformer(np.transpose).fit(zoo.X))
    code, reason = refusal_of(refused.value, "joblib")
    assert code == "NOT_ROW_WISE"
    assert reason.startswith("Asked for transform, it gives 2 answers to 1 row.")


def test_want_of_memory_is_no_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def answer(model: Model, batch: Any, method: str) -> Any:
        if len(batch) > 1:
            raise MemoryError
        return np.zeros(len(batch))

    monkeypatch.setattr(Model, "answer", answer)
    found = described(tmp_path, LinearRegression().fit(zoo.X, zoo.Y)).independence
    assert found is not None
    assert (found.rows, "memory" in str(found.reason)) == ("unknown", True)


def test_a_record_from_before_is_read_and_proves_nothing(tmp_path: Path) -> None:
    encoded = codec.encode(described(tmp_path, LinearRegression().fit(zoo.X, zoo.Y)))
    del encoded["independence"]
    assert not codec.decode(Description, encoded).rows_are_independent


def test_who_asks_for_the_model_is_told(tmp_path: Path) -> None:
    found = Independence("dependent", 12, "for [1] alone …")
    zoo.publish(tmp_path, "scaled", "1", scaled(), found)
    (version,) = status_report.render(ModelReader(tmp_path / "models").status("scaled"))["versions"]
    assert version["independence"] == {
        "rows": "dependent",
        "probes": 12,
        "reason": "for [1] alone …",
    }
