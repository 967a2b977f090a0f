"""Models with code of the uploader's inside: refused, by the name of what isn't here."""

import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from serving.records.verdicts import Candidate, Rejected
from tests.lambdas.deployment import Deployment

pytestmark = pytest.mark.slow

X, Y = np.array([[0.0], [1.0]]), [0, 1]
THEIRS = "their_package"


class Doubler(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    def fit(self, x: Any, y: Any = None) -> "Doubler":
        return self

    def transform(self, x: Any) -> Any:
        return x * 2


def double(x: Any) -> Any:
    return x * 2


class CalledLambda:
    """What a pickler of lambdas writes: a call that builds the function when it is loaded."""

    def __reduce__(self) -> tuple[Any, ...]:
        return compile, ("lambda x: x * 2", "<lambda>", "eval")


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    package: Any = ModuleType(THEIRS)
    monkeypatch.setitem(sys.modules, THEIRS, package)
    for thing in (Doubler, double):
        monkeypatch.setattr(thing, "__module__", THEIRS)
        setattr(package, thing.__name__, thing)


def saved(first_step: Any, key: str) -> bytes:
    model = make_pipeline(first_step, LogisticRegression()).fit(X, Y)
    if key.endswith(".skops"):
        return bytes(skops.io.dumps(model))
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("key", ["m.joblib", "m.skops"])
@pytest.mark.parametrize("name", ["Doubler", "double"])
def test_a_class_or_function_is_named_with_what_to_do(
    deployment: Deployment, key: str, name: str
) -> None:
    step = Doubler() if name == "Doubler" else FunctionTransformer(double)
    verdict = deployment.judge(deployment.put(key, saved(step, key)))
    assert isinstance(verdict, Rejected)
    assert f"{THEIRS}.{name}" in verdict.reason
    assert "FunctionTransformer takes numpy's functions" in verdict.reason


def test_a_lambda_is_refused(deployment: Deployment, tmp_path: Path) -> None:
    joblib.dump(FunctionTransformer(CalledLambda()), tmp_path / "m.joblib")
    verdict = deployment.judge(deployment.put("m.joblib", (tmp_path / "m.joblib").read_bytes()))
    assert isinstance(verdict, Rejected)
    assert verdict.code == "UNSAFE_PICKLE"
    assert "lambdas of your own aren't installed" in verdict.reason


@pytest.mark.parametrize("key", ["m.joblib", "m.skops"])
def test_a_function_of_numpy_is_fine(deployment: Deployment, key: str) -> None:
    data = saved(FunctionTransformer(np.log1p), key)
    assert isinstance(deployment.judge(deployment.put(key, data)), Candidate)
