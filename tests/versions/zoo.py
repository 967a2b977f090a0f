"""The kinds of models of the table, each with rows of the data that it was fitted on.

This module is imported under every version of scikit-learn from 1.1 on. A kind whose class a
version lacks isn't yielded there.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn import ensemble, linear_model, preprocessing, tree
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.multioutput import ClassifierChain, MultiOutputRegressor
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from benchmarks.serving import pipelines
from benchmarks.serving import zoo as all_estimators

ROWS = 160


@dataclass(frozen=True)
class Kind:
    """A kind of model. `fit` returns the model, and the data that it was fitted on.

    Raises:
        ValueError: by `fit`, where scikit-learn itself can't fit it.
    """

    name: str
    fit: Callable[[], tuple[Any, Any]]


def kinds() -> Iterator[Kind]:
    """Yield every kind of model that the installed versions have."""
    for group in ("classifier", "regressor"):
        for case in all_estimators.estimators(group):
            yield Kind(case.name, lambda case=case: _of_case(case))  # type: ignore[misc]
    for case in pipelines.cases():
        yield Kind(f"pipeline: {case.name}", lambda case=case: _pipeline(case))  # type: ignore[misc]
    for name, make in own().items():
        yield Kind(name, make)
    try:
        from tests.versions import boosters  # noqa: PLC0415 (an environment may have none)
    except ImportError as error:
        print(f"no boosters: {error}")
        return
    for name, make in boosters.models().items():
        yield Kind(name, make)


def _pipeline(case: all_estimators.Case) -> tuple[Any, Any]:
    return case.fit(), case.data()[0]


def _of_case(case: all_estimators.Case) -> tuple[Any, Any]:
    """Fit an estimator, and find out on which of the data sets that was."""
    estimator = case.fit()
    for data, _ in all_estimators.data_sets(case.kind):
        try:
            estimator.predict(data[:2])
        except Exception:  # it was fitted on another one
            continue
        return estimator, np.asarray(data).reshape(len(data), -1)
    raise ValueError("it answers on none of the data")


def table() -> pd.DataFrame:
    """Return columns of numbers, texts, flags, gaps and categories."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, ROWS),
            "income": rng.lognormal(10, 1, ROWS).round(2),
            "gap": np.where(rng.random(ROWS) < 0.2, np.nan, rng.normal(size=ROWS)),
            "vip": rng.random(ROWS) < 0.5,
            "town": rng.choice(["Åbo", "Oslo", "Lima", "None"], ROWS, p=[0.5, 0.3, 0.15, 0.05]),
            "grade": rng.choice(["a", "b", "c"], ROWS),
        }
    )
    frame["grade"] = frame["grade"].astype("category")
    return frame


FRAME = table()
LABELS = (FRAME.income + 500 * FRAME.age > 50_000).to_numpy()
THREE = np.array(["low", "middle", "high"])[pd.qcut(FRAME.income, 3, labels=False)]
TARGET = np.log(FRAME.income.to_numpy()) + FRAME.vip
NUMBERS = FRAME[["age", "income"]]
MATRIX = np.random.default_rng(4).normal(size=(ROWS, 5))
WORDS = np.array(["good", "bad", "fine", "awful", "naïve", "don't"])
TWO = np.column_stack((LABELS, THREE == "low")).astype(int)


def _fitted(model: Any, x: Any, y: Any, **given: Any) -> Callable[[], tuple[Any, Any]]:
    return lambda: (model.fit(x, y, **given), x)


def own() -> dict[str, Callable[[], tuple[Any, Any]]]:
    """Return the kinds whose attributes or meaning changed between versions."""
    return {**_trees(), **_boosted(), **_histograms(), **_encoded(), **_others()}


def _trees() -> dict[str, Callable[[], tuple[Any, Any]]]:
    weights = np.random.default_rng(5).random(ROWS)
    return {
        "tree: weighted": _fitted(
            tree.DecisionTreeClassifier(max_depth=4), MATRIX, THREE, sample_weight=weights
        ),
        "tree: several outputs": _fitted(tree.DecisionTreeClassifier(max_depth=4), MATRIX, TWO),
        "forest: balanced": _fitted(
            ensemble.RandomForestClassifier(9, class_weight="balanced", random_state=0),
            MATRIX,
            THREE,
        ),
        "forest: several outputs": _fitted(
            ensemble.ExtraTreesClassifier(9, random_state=0), MATRIX, TWO
        ),
        "forest: absolute error": _fitted(
            ensemble.RandomForestRegressor(9, criterion="absolute_error", random_state=0),
            MATRIX[:60],
            TARGET[:60],
        ),
        "forest: several targets": _fitted(
            ensemble.RandomForestRegressor(9, random_state=0),
            MATRIX,
            np.column_stack((TARGET, -TARGET)),
        ),
        "forest: frame": _fitted(
            ensemble.RandomForestClassifier(9, random_state=0), NUMBERS, LABELS
        ),
        "forest: imputed pipeline": _fitted(
            make_pipeline(SimpleImputer(), ensemble.RandomForestRegressor(9, random_state=0)),
            FRAME[["gap", "age"]],
            TARGET,
        ),
    }


def _inner(model: Any, inner: Any) -> Any:
    """Set the inner estimator by the name that the version has for it."""
    name = "estimator" if "estimator" in model.get_params(deep=False) else "base_estimator"
    return model.set_params(**{name: inner})


def _boosted() -> dict[str, Callable[[], tuple[Any, Any]]]:
    def adaboost(algorithm: str, inner: Any, y: Any) -> Callable[[], tuple[Any, Any]]:
        def make() -> tuple[Any, Any]:
            model = _inner(ensemble.AdaBoostClassifier(n_estimators=9, random_state=0), inner)
            if "algorithm" in model.get_params(deep=False):
                model.set_params(algorithm=algorithm)
            return model.fit(MATRIX, y), MATRIX

        return make

    def gradient(y: Any, *, regressor: bool = False, **given: Any) -> Any:
        cls = (
            ensemble.GradientBoostingRegressor if regressor else ensemble.GradientBoostingClassifier
        )
        return _fitted(cls(n_estimators=9, random_state=0, **given), MATRIX, y)

    stump, logistic = tree.DecisionTreeClassifier(max_depth=2), linear_model.LogisticRegression()
    bag = ensemble.BaggingClassifier(n_estimators=5, random_state=0)
    return {
        "AdaBoost: SAMME, two": adaboost("SAMME", stump, LABELS),
        "AdaBoost: SAMME, three": adaboost("SAMME", stump, THREE),
        "AdaBoost: SAMME.R, two": adaboost("SAMME.R", stump, LABELS),
        "AdaBoost: SAMME.R, three": adaboost("SAMME.R", stump, THREE),
        "AdaBoost: SAMME.R, logistic": adaboost("SAMME.R", logistic, THREE),
        "bagging: logistic": _fitted(_inner(bag, logistic), MATRIX, THREE),
        "gradient: exponential": gradient(LABELS, loss="exponential"),
        "gradient: three": gradient(THREE),
        "gradient: no init": gradient(LABELS, init="zero"),
        "gradient: huber": gradient(TARGET, regressor=True, loss="huber"),
        "gradient: quantile": gradient(TARGET, regressor=True, loss="quantile", alpha=0.8),
        "gradient: absolute error": gradient(TARGET, regressor=True, loss="absolute_error"),
        "gradient: early stopping": gradient(LABELS, n_iter_no_change=2),
    }


def _histograms() -> dict[str, Callable[[], tuple[Any, Any]]]:
    def histogram(y: Any, x: Any = MATRIX, *, regressor: bool = False, **given: Any) -> Any:
        cls = (
            ensemble.HistGradientBoostingRegressor
            if regressor
            else ensemble.HistGradientBoostingClassifier
        )
        return _fitted(cls(max_iter=9, **given), x, y)

    gaps = MATRIX.copy()
    gaps[::7, 2] = np.nan
    codes = np.column_stack((MATRIX[:, 0], FRAME.grade.cat.codes)).astype(float)
    ordinal = make_column_transformer(
        (OrdinalEncoder(), ["grade", "town"]), remainder="passthrough"
    )
    return {
        "histogram: gaps": histogram(LABELS, gaps),
        "histogram: three": histogram(THREE, gaps),
        "histogram: categories by place": histogram(LABELS, codes, categorical_features=[1]),
        "histogram: categories by mask": histogram(
            TARGET, codes, regressor=True, categorical_features=[False, True]
        ),
        "histogram: poisson": histogram(np.abs(TARGET), gaps, regressor=True, loss="poisson"),
        "histogram: absolute error": histogram(TARGET, gaps, regressor=True, loss="absolute_error"),
        "histogram: frame": histogram(LABELS, FRAME[["gap", "age"]]),
        "histogram: ordinal codes": _fitted(
            make_pipeline(
                ordinal,
                ensemble.HistGradientBoostingClassifier(max_iter=9, categorical_features=[0, 1]),
            ),
            FRAME[["town", "grade", "gap"]],
            LABELS,
        ),
        "histogram: from_dtype": histogram(
            LABELS, FRAME[["grade", "gap", "age"]], categorical_features="from_dtype"
        ),
        "histogram: monotonic": histogram(LABELS, gaps, monotonic_cst=[1, 0, 0, -1, 0]),
        "histogram: early stopping": histogram(LABELS, gaps, early_stopping=True),
    }


def _encoded() -> dict[str, Callable[[], tuple[Any, Any]]]:
    mixed = FRAME[["town", "vip", "age", "income"]]

    def coded(encoder: Any, rest: Any = "passthrough", **given: Any) -> Any:
        columns = ColumnTransformer([("c", encoder, ["town", "vip"])], remainder=rest, **given)
        return _fitted(
            make_pipeline(columns, StandardScaler(with_mean=False), linear_model.Ridge()),
            mixed,
            TARGET,
        )

    def dense() -> Any:
        name = "sparse_output" if hasattr(OneHotEncoder(), "sparse_output") else "sparse"
        return OneHotEncoder(handle_unknown="ignore", **{name: False})

    infrequent = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20)
    most = OneHotEncoder(max_categories=3, handle_unknown="infrequent_if_exist")
    unknown = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    holes = FRAME[["town", "gap"]].copy()
    holes.loc[::9, "town"] = np.nan
    imputed = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="most_frequent"), dense()), ["town"]),
        (numbers, ["gap"]),
    )
    marked = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), dense()), ["town"]),
        (SimpleImputer(add_indicator=True), ["gap"]),
    )
    flagged = preprocessing.FunctionTransformer(np.log1p, validate=True)
    made = {
        "one-hot: dense": coded(dense()),
        "one-hot: drop first": coded(OneHotEncoder(drop="first")),
        "one-hot: drop if binary": coded(OneHotEncoder(drop="if_binary")),
        "one-hot: infrequent": coded(infrequent),
        "one-hot: at most three": coded(most),
        "ordinal: unknown": coded(
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        ),
        "ordinal: unknown is NaN": _fitted(
            make_pipeline(
                make_column_transformer((unknown, ["town"]), remainder="passthrough"),
                ensemble.HistGradientBoostingRegressor(max_iter=9),
            ),
            FRAME[["town", "age"]],
            TARGET,
        ),
        "columns: remainder scaled": coded(dense(), StandardScaler()),
        "columns: sparse threshold": coded(OneHotEncoder(), sparse_threshold=0.0),
        "columns: imputed": _fitted(
            make_pipeline(imputed, linear_model.LogisticRegression()), holes, LABELS
        ),
        "columns: marked": _fitted(
            make_pipeline(marked, linear_model.LogisticRegression()), holes, THREE
        ),
        "columns: by place": _fitted(
            make_pipeline(
                ColumnTransformer([("a", StandardScaler(), [0, 2]), ("b", flagged, slice(1, 2))]),
                linear_model.LogisticRegression(),
            ),
            np.abs(MATRIX),
            LABELS,
        ),
        "polynomials": _fitted(
            make_pipeline(preprocessing.PolynomialFeatures(3), linear_model.Lasso(0.1)),
            MATRIX,
            TARGET,
        ),
    }
    if hasattr(StandardScaler, "set_output"):
        framed = make_pipeline(StandardScaler(), preprocessing.MinMaxScaler())
        made["frames out"] = _fitted(
            make_pipeline(framed.set_output(transform="pandas"), linear_model.Ridge()),
            NUMBERS,
            TARGET,
        )
    return made


def _others() -> dict[str, Callable[[], tuple[Any, Any]]]:
    logistic = linear_model.LogisticRegression(max_iter=500)
    records = [{"town": t, "age": float(a)} for t, a in zip(FRAME.town, FRAME.age)]  # noqa: B905
    return {
        "logistic: multinomial": _fitted(logistic, MATRIX, THREE),
        "logistic: liblinear": _fitted(
            linear_model.LogisticRegression(solver="liblinear"), MATRIX, LABELS
        ),
        "chain": _fitted(ClassifierChain(logistic, order=[1, 0]), MATRIX, TWO),
        "several regressors": _fitted(
            MultiOutputRegressor(linear_model.Ridge()), MATRIX, np.column_stack((TARGET, -TARGET))
        ),
        "neighbors: frame": _fitted(
            make_pipeline(StandardScaler(), KNeighborsClassifier(3)), NUMBERS, THREE
        ),
        "neighbors: brute": _fitted(KNeighborsClassifier(3, algorithm="brute"), MATRIX, THREE),
        "scaler alone": _fitted(StandardScaler(), MATRIX, None),
        "records": lambda: (
            make_pipeline(DictVectorizer(), linear_model.LogisticRegression()).fit(records, LABELS),
            records,
        ),
        "isolation": _fitted(
            ensemble.IsolationForest(n_estimators=9, random_state=0), MATRIX, None
        ),
    }


def quietly(fit: Callable[[], tuple[Any, Any]]) -> tuple[BaseEstimator, Any]:
    """Fit without the warnings of versions about each other."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return fit()
