"""Forty-five pipelines and transformers (fewer under old versions), and models around models."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn import model_selection, preprocessing
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 (lets it be imported)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE, SelectKBest
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC

from benchmarks.serving.zoo import FEATURES, ROWS, Case

WORDS = "good bad naïve straße price слово 東京 don't well-made late fast broken 10 x".split()  # noqa: SIM905 (reads better)


def _numbers() -> tuple[Any, Any]:
    return make_classification(ROWS, FEATURES, n_informative=5, n_classes=3, random_state=0)  # type: ignore[no-any-return]


def _gaps() -> tuple[Any, Any]:
    x, y = _numbers()
    x[np.random.default_rng(0).random(x.shape) < 0.1] = np.nan
    return x, y


def _columns() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, ROWS).astype(float),
            "income": rng.lognormal(10, 1, ROWS),
            "city": rng.choice(["Köln", "Paris", "Oslo", "Lima"], ROWS),
            "plan": rng.choice(["a", "b", "c", "d", "e"], ROWS, p=[0.5, 0.4, 0.05, 0.03, 0.02]),
        }
    )
    return frame, (frame["income"] > 22_000).to_numpy()


def _texts() -> tuple[list[str], Any]:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, rng.integers(3, 12))) for _ in range(ROWS)]
    return texts, np.array(["good" in text for text in texts])


def _column_transformer(*, categories: BaseEstimator, rest: str = "drop") -> ColumnTransformer:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    parts = [("n", numbers, ["age", "income"]), ("c", categories, ["city", "plan"])]
    return ColumnTransformer(parts, remainder=rest)


def _transformers() -> dict[str, BaseEstimator]:
    return {
        "MinMaxScaler(clip)": MinMaxScaler(clip=True),
        "MaxAbsScaler": MaxAbsScaler(),
        "RobustScaler": RobustScaler(),
        "Normalizer": Normalizer(),
        "Binarizer": Binarizer(),
        "PolynomialFeatures": PolynomialFeatures(),
        "SplineTransformer": SplineTransformer(),
        "KBinsDiscretizer(ordinal)": KBinsDiscretizer(encode="ordinal"),
        "KBinsDiscretizer(one-hot)": KBinsDiscretizer(),
        "PowerTransformer": PowerTransformer(),
        "QuantileTransformer": QuantileTransformer(n_quantiles=100),
        "QuantileTransformer(normal)": QuantileTransformer(
            n_quantiles=100, output_distribution="normal"
        ),
        "FunctionTransformer(arcsinh)": FunctionTransformer(np.arcsinh),
        "PCA": PCA(5),
        "SelectKBest": SelectKBest(k=4),
        "RFE": RFE(LogisticRegression(), n_features_to_select=4),
        "FeatureUnion": make_union(StandardScaler(), PCA(3)),
    }


def _models() -> dict[str, BaseEstimator]:
    logistic, forest = LogisticRegression(), RandomForestClassifier(20, random_state=0)
    both = [("l", logistic), ("f", forest)]
    return {
        "RandomForestClassifier": forest,
        "HistGradientBoostingClassifier": HistGradientBoostingClassifier(max_iter=20),
        "MLPClassifier": MLPClassifier(max_iter=30, random_state=0),
        "SVC": SVC(),
        "SVC(probability)": SVC(probability=True),
        "LinearSVC": LinearSVC(),
        "GridSearchCV": GridSearchCV(logistic, {"C": [0.1, 1.0]}),
        "VotingClassifier(soft)": VotingClassifier(both, voting="soft"),
        "StackingClassifier": StackingClassifier(both),
        "OneVsRestClassifier": OneVsRestClassifier(logistic),
        "CalibratedClassifierCV": CalibratedClassifierCV(LinearSVC()),
    }


def cases() -> Iterator[Case]:
    """Yield all forty-five, or those that the installed version has."""
    for name, transformer in _transformers().items():
        yield _case(name, make_pipeline(transformer, LogisticRegression()), _numbers)
    for name, model in _models().items():
        yield _case(f"StandardScaler, {name}", make_pipeline(StandardScaler(), model), _numbers)
    x, y = _numbers()
    two = np.stack([y, y == 1], axis=1).astype(int)
    yield _case(
        "MultiOutputClassifier", MultiOutputClassifier(LogisticRegression()), lambda: (x, two)
    )
    log = TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)
    yield _case("TransformedTargetRegressor", log, lambda: (x, np.abs(x[:, 0])))
    if hasattr(model_selection, "TunedThresholdClassifierCV"):  # from 1.5 on
        tuned = model_selection.TunedThresholdClassifierCV(LogisticRegression())
        yield _case("TunedThresholdClassifierCV", tuned, lambda: (x, y == 1))
    for imputer in (SimpleImputer(add_indicator=True), KNNImputer(), IterativeImputer()):
        name = type(imputer).__name__
        yield _case(name, make_pipeline(imputer, LogisticRegression()), _gaps)
    indicated = FeatureUnion([("i", MissingIndicator(features="all")), ("s", SimpleImputer())])
    yield _case("MissingIndicator", make_pipeline(indicated, LogisticRegression()), _gaps)
    encoders: dict[str, BaseEstimator] = {
        "OneHotEncoder(ignore)": OneHotEncoder(handle_unknown="ignore"),
        "OneHotEncoder(infrequent)": OneHotEncoder(
            handle_unknown="infrequent_if_exist", min_frequency=0.1
        ),
        "OrdinalEncoder(unknown)": OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1
        ),
    }
    if hasattr(preprocessing, "TargetEncoder"):  # from 1.3 on
        encoders["TargetEncoder"] = preprocessing.TargetEncoder()
    for name, encoder in encoders.items():
        columns = _column_transformer(categories=encoder)
        yield _case(
            f"ColumnTransformer, {name}", make_pipeline(columns, LogisticRegression()), _columns
        )
    ordinal = _column_transformer(categories=OrdinalEncoder(), rest="passthrough")
    forest = RandomForestClassifier(20, random_state=0)
    yield _case(
        "ColumnTransformer, RandomForestClassifier", make_pipeline(ordinal, forest), _columns
    )
    yield _case("TfidfVectorizer", make_pipeline(TfidfVectorizer(), LogisticRegression()), _texts)
    counts = make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB())
    yield _case("CountVectorizer, MultinomialNB", counts, _texts)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    yield _case(
        "TfidfVectorizer(char_wb), LinearSVC", make_pipeline(characters, LinearSVC()), _texts
    )
    hashed = make_pipeline(HashingVectorizer(n_features=2**10), SGDClassifier(random_state=0))
    yield _case("HashingVectorizer, SGDClassifier", hashed, _texts)
    latent = make_pipeline(TfidfVectorizer(), TruncatedSVD(5, random_state=0), LogisticRegression())
    yield _case("TfidfVectorizer, TruncatedSVD", latent, _texts)


def _case(name: str, estimator: BaseEstimator, data: Any) -> Case:  # a function of no argument
    return Case(name, "pipeline", lambda: estimator.fit(*data()), data)
