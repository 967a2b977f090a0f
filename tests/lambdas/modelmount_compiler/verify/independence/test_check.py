"""Rows that influence each other are found, in whatever way they do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.special
import scipy.stats
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import NMF, PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import KNNImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, minmax_scale, quantile_transform, scale

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.independence import Independence
from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensor, Tensors
from modelmount_compiler.verify.independence import check, make_pool

X, Y = load_iris(return_X_y=True)
DIGITS, NAMES = load_digits(return_X_y=True)
GAPS = np.where(np.arange(X.size).reshape(X.shape) % 7 == 0, np.nan, X)
FRAME = pd.DataFrame({"a": [1.0, None, 2.0, 3.0] * 10, "b": [1.0, 2.0, 3.0, 5.0] * 10})
SIGNATURE = Signature("matrix", "number", 3, None, False, ("predict",))


def independence(estimator: BaseEstimator) -> Independence:
    runtime = import_runtime("sklearn")
    signature = runtime.describe(estimator)
    model = runtime.Model(estimator, signature)
    return check(model, signature, make_pool(model, signature, estimator), seconds=20)


def after(function: Callable[..., Any], **arguments: Any) -> BaseEstimator:
    step = FunctionTransformer(function, kw_args=arguments)
    return make_pipeline(step, LinearRegression()).fit(X, Y)


DEPENDENT = {
    "scale": lambda: after(scale),
    "minmax_scale": lambda: after(minmax_scale),
    "quantiles": lambda: after(quantile_transform, n_quantiles=5),
    "softmax over axis 0": lambda: after(scipy.special.softmax, axis=0),
    "ranks": lambda: after(scipy.stats.rankdata, axis=0),
    "running sums": lambda: after(np.cumsum, axis=0),
    "sorted columns": lambda: after(np.sort, axis=0),
    "order": lambda: after(np.flipud),
    "distinct rows": lambda: FunctionTransformer(np.unique, kw_args={"axis": 0}).fit(X),
    "one stopping rule for all": lambda: NMF(2, init="random", random_state=0, max_iter=2000).fit(
        X
    ),
    "draws by position": lambda: DummyClassifier(strategy="stratified", random_state=0).fit(X, Y),
    "nulls only": lambda: make_pipeline(
        FunctionTransformer(pd.DataFrame.ffill),
        HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=1),
    ).fit(FRAME, [0, 1, 0, 1] * 10),
}
INDEPENDENT = {
    "softmax over axis 1": lambda: after(scipy.special.softmax, axis=1),
    "labels": lambda: LogisticRegression(max_iter=999).fit(X, Y),
    "ties of distance": lambda: KNeighborsClassifier().fit(DIGITS.astype(int), NAMES),
    "thresholds behind sums": lambda: make_pipeline(
        PCA(3), ExtraTreesClassifier(20, random_state=0)
    ).fit(DIGITS, NAMES),
    "imputed from what was fitted": lambda: make_pipeline(
        KNNImputer(), LogisticRegression(max_iter=999)
    ).fit(GAPS, Y),
    "distances": lambda: KMeans(3, n_init=1).fit(X),
    "text": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(
        ["good a", "bad b"] * 4, [0, 1] * 4
    ),
}


@pytest.mark.parametrize("name", DEPENDENT)
def test_influence_is_found(name: str) -> None:
    found = independence(DEPENDENT[name]())
    assert found.rows == "dependent"
    assert "alone" in str(found.reason) or "answers to" in str(found.reason)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_rounding_and_ties_are_no_influence(name: str) -> None:
    found = independence(INDEPENDENT[name]())
    assert (found.rows, found.reason) == ("independent", None)
    assert found.probes >= 20


def test_chance_is_no_influence_and_no_proof() -> None:
    found = independence(DummyClassifier(strategy="stratified").fit(X, Y))
    assert found == Independence(
        "unknown", 0, "predict answers the same rows otherwise from call to call"
    )


class Answering(Model):
    """Answers by a function of an array."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self.calls = 0

    def answer(self, batch: Any, method: str) -> Any:
        self.calls += 1
        return self._function(np.array(batch, dtype=float))


def asked(function: Callable[[Any], Any], seconds: float = 20) -> Independence:
    model = Answering(function)
    return check(model, SIGNATURE, make_pool(model, SIGNATURE, object()), seconds=seconds)


@pytest.mark.parametrize(
    "function",
    [np.transpose, lambda x: x.sum(), lambda x: x.sum(axis=0), lambda x: np.repeat(x, 2, axis=0)],
    ids=["transpose", "scalar", "sums of columns", "twice as many"],
)
def test_answers_that_belong_to_no_row_are_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(ModelRejected, match="An answer must belong to each row") as refused:
        asked(function)
    assert refused.value.code == "NOT_ROW_WISE"


def _refusing(alone: bool) -> Callable[[Any], Any]:
    def answer(x: Any) -> Any:
        if (len(x) == 1) == alone:
            raise InputMismatch("that many rows aren't taken")
        return x

    return answer


@pytest.mark.parametrize("alone", [False, True])
def test_a_refusal_that_depends_on_the_company_is_influence(alone: bool) -> None:
    found = asked(_refusing(alone))
    assert found.rows == "dependent"
    assert "alone" in str(found.reason)


def test_a_mean_of_single_precision_is_seen_and_its_rounding_is_not() -> None:
    assert asked(lambda x: (x - x.mean(axis=0)).astype("f4")).rows == "dependent"
    noise = np.random.default_rng(0)
    noisy = asked(lambda x: (x * (1 + noise.normal(size=x.shape) * 1e-6)).astype("f4"))
    assert noisy.rows == "independent"


@pytest.mark.parametrize(("axis", "rows"), [((0,), "dependent"), ((1, 2), "independent")])
def test_graphs_of_any_rank_are_asked(axis: Any, rows: str) -> None:
    image = Tensor("image", "FP32", (-1, 3, 4), 0)
    mask = Tensor("mask", "BOOL", (-1, 3), 0)
    tensors = Tensors((image, mask), (Tensor("y", "FP32", (-1, 3, 4), 0),))
    signature = Signature("tensors", "any", None, None, True, ("predict",), tensors=tensors)

    class Graph(Model):
        def answer(self, batch: Any, method: str) -> Any:
            pixels = np.array([instance["image"] for instance in batch], dtype="f4")
            masks = np.array([instance["mask"] for instance in batch])
            if masks.dtype != bool or pixels.shape[1:] != (3, 4):
                raise InputMismatch("no")
            return scipy.special.softmax(pixels * masks[:, :, None], axis=axis)

    model = Graph()
    pool = make_pool(model, signature, object())
    assert check(model, signature, pool, seconds=20).rows == rows


def test_a_model_that_takes_nothing_is_unknown() -> None:
    def refuse(x: Any) -> Any:
        raise InputMismatch("no")

    found = asked(refuse)
    assert (found.rows, found.reason) == (
        "unknown",
        "predict: no rows were found that the model takes",
    )


def test_time_is_bounded() -> None:
    model = Answering(lambda x: x)
    pool = make_pool(model, SIGNATURE, object())
    model.calls = 0
    check(model, SIGNATURE, pool, seconds=0)
    assert model.calls <= 16
