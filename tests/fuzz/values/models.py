"""A fitted model of every kind: all of scikit-learn's, and what people build around them."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import LinearSVC
from sklearn.utils import all_estimators

RNG = np.random.default_rng(0)
ROWS = 40
X = RNG.normal(size=(ROWS, 3))
Y = (X[:, 0] > 0).astype(int)
TEXTS = ["good film", "bad film"] * (ROWS // 2)
RECORDS: list[Any] = [{"a": 1.0, "s": "x"}, {"a": 2.0, "s": "y"}] * (ROWS // 2)
FRAME = pd.DataFrame(
    {
        "text": TEXTS,
        "number": X[:, 0],
        "town": RNG.choice(["a", "b"], ROWS),
        "code": RNG.integers(0, 4, ROWS),
        "unused": 1,
    }
)
PLAIN = FRAME[["number", "town", "code"]]
TYPED = PLAIN.assign(town=PLAIN["town"].astype("category"))
# Data to fit an estimator of an unknown kind with; the first that it takes is its own.
FITS: tuple[tuple[Any, Any], ...] = (
    (X, Y),
    (np.abs(X) + 0.1, Y),
    (X, np.array([Y, Y]).T),
    (X[:, :1], Y.astype(float)),
    (TEXTS, Y),
    (RECORDS, Y),
    ([["a", "b"], ["c"]], None),
    (["a", "b"], None),
)


def models() -> Iterator[tuple[str, Any]]:
    """Yield the name and the fitted model of each kind that can be fitted."""
    kinds: dict[str, Callable[[], Any]] = {name: _plain(cls) for name, cls in all_estimators()}
    for name, make in (kinds | built()).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = make()
        if model is not None:
            yield name, model


def _plain(cls: Any) -> Callable[[], Any]:
    def make() -> Any:
        try:
            estimator = _with_parts(cls)
        except Exception:  # it needs more than estimators
            return None
        for x, y in FITS:
            try:
                return estimator.fit(x) if y is None else estimator.fit(x, y)
            except Exception:
                continue
        return None

    return make


def _with_parts(cls: Any) -> Any:
    """Make an estimator, around another one where it needs one."""
    try:
        return cls()
    except TypeError:
        classifies = "Class" in cls.__name__ or cls.__name__.startswith(("RFE", "Select"))
        inner = LogisticRegression() if classifies else Ridge()
        is_list = cls.__name__.startswith(("Voting", "Stacking"))
        return cls([("a", inner)]) if is_list else cls(inner)


def _columns(*steps: tuple[str, Any, Any], **options: Any) -> ColumnTransformer:
    return ColumnTransformer(list(steps), **options)


def built() -> dict[str, Callable[[], Any]]:
    text, scaled = ("t", TfidfVectorizer(), "text"), ("n", StandardScaler(), ["number"])
    filled = ("n", make_pipeline(SimpleImputer(), StandardScaler()), ["number"])
    encoded = ("o", OneHotEncoder(handle_unknown="ignore"), ["town", "code"])
    codes = ("o", OrdinalEncoder(), ["town", "code"])
    hashed = ("t", HashingVectorizer(n_features=8), "text")
    forest = RandomForestClassifier(3, random_state=0)
    logistic = LogisticRegression
    few: dict[str, Any] = {"iterations": 3, "verbose": 0, "allow_writing_files": False}
    light: dict[str, Any] = {"n_estimators": 3, "verbose": -1, "min_child_samples": 2}
    return {
        "mixed": lambda: make_pipeline(_columns(text, filled, encoded), logistic()).fit(FRAME, Y),
        "codes": lambda: make_pipeline(
            _columns(("n", KBinsDiscretizer(), ["number"]), codes), forest
        ).fit(FRAME, Y),
        "handed on": lambda: _columns(scaled, remainder="passthrough").fit(FRAME),
        "frames": lambda: (
            _columns(scaled, remainder="passthrough").set_output(transform="pandas").fit(FRAME)
        ),
        "hashed": lambda: make_pipeline(_columns(hashed), logistic()).fit(FRAME, Y),
        "nothing": lambda: Pipeline([("p", "passthrough")]).fit(X),
        "logarithm": lambda: FunctionTransformer(np.log, validate=True).fit(np.abs(X)),
        "take": lambda: FunctionTransformer(np.take, kw_args={"indices": [0], "axis": 1}).fit(X),
        "most frequent": lambda: SimpleImputer(strategy="most_frequent").fit(FRAME[["town"]]),
        "target": lambda: make_pipeline(TargetEncoder(), logistic()).fit(
            FRAME[["town", "code"]], Y
        ),
        "objects": lambda: OneHotEncoder().fit(FRAME[["town", "code"]].to_numpy(object)),
        "LightGBM": lambda: lightgbm.LGBMClassifier(**light).fit(TYPED, Y),
        "XGBoost": lambda: xgboost.XGBClassifier(n_estimators=3, enable_categorical=True).fit(
            TYPED, Y
        ),
        "CatBoost": lambda: catboost.CatBoostClassifier(cat_features=["town", "code"], **few).fit(
            PLAIN, Y
        ),
        "CatBoost of texts": lambda: catboost.CatBoostClassifier(
            text_features=["text"], cat_features=["town"], **few
        ).fit(FRAME[["number", "town", "text"]], Y),
        "CatBoost of numbers": lambda: catboost.CatBoostRegressor(**few).fit(X, Y),
        "XGBoost of numbers": lambda: xgboost.XGBRegressor(n_estimators=3).fit(X, Y),
        "LightGBM of numbers": lambda: lightgbm.LGBMRegressor(**light).fit(X, Y),
        "histogram": lambda: HistGradientBoostingClassifier(
            categorical_features="from_dtype", max_iter=3
        ).fit(TYPED, Y),
        "text": lambda: make_pipeline(TfidfVectorizer(), logistic()).fit(TEXTS, Y),
        "calibrated": lambda: CalibratedClassifierCV(
            make_pipeline(CountVectorizer(analyzer="char"), LinearSVC()), cv=2
        ).fit(TEXTS, Y),
        "objects of any names": lambda: make_pipeline(DictVectorizer(), logistic()).fit(RECORDS, Y),
        "pairs": lambda: FeatureHasher(8, input_type="pair").fit(),
        "words": lambda: FeatureHasher(8, input_type="string").fit(),
    }
