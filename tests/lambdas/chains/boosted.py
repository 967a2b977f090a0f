"""Pieces with a model of a boosting library."""

from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import LabelEncoder, StandardScaler

from tests.lambdas.chains import tables, texts
from tests.lambdas.chains.shape import Shape

FEW: dict[str, Any] = {"n_estimators": 5, "max_depth": 3}
QUIET: dict[str, Any] = {"iterations": 5, "depth": 3, "verbose": 0, "allow_writing_files": False}


def _scaled(model: Any) -> Shape:
    table = tables.people()
    scaler = StandardScaler().fit(table[tables.NUMBERS])
    model.fit(scaler.transform(table[tables.NUMBERS]), tables.left(table))
    return Shape(
        {"scaler.pkl": scaler, "churn_model.pkl": model},
        lambda records: model.predict(scaler.transform(pd.DataFrame(records)[tables.NUMBERS])),
        table[tables.NUMBERS].head(12).to_dict(orient="records"),
    )


def lightgbm_scaled() -> Shape:
    """Return a scaler and a model of LightGBM."""
    return _scaled(lightgbm.LGBMClassifier(**FEW, verbose=-1, min_child_samples=2))


def catboost_scaled() -> Shape:
    """Return a scaler and a model of CatBoost."""
    return _scaled(catboost.CatBoostClassifier(**QUIET))


def xgboost_with_labels() -> Shape:
    """Return encoders of a column and of the target, and a model of XGBoost on a data frame."""
    table = tables.people()[["city", "age", "tenure"]]
    cities = LabelEncoder().fit(table.city)
    crops = LabelEncoder().fit(["apple", "maize", "rice", "wheat"])
    coded = table.assign(city=cities.transform(table.city))
    model = xgboost.XGBClassifier(**FEW).fit(coded, np.arange(len(table)) % 4)

    def app(records: list[Any]) -> Any:
        frame = pd.DataFrame(records)
        frame["city"] = cities.transform(frame["city"])
        return crops.inverse_transform(model.predict(frame))

    files = {"city_encoder.pkl": cities, "xgb_model.pkl": model, "target_encoder.pkl": crops}
    return Shape(files, app, table.head(12).to_dict(orient="records"))


def xgboost_native() -> Shape:
    """Return a pickled scaler, and XGBoost's own file."""
    table = tables.people()[tables.NUMBERS].to_numpy(float)
    scaler = StandardScaler().fit(table)
    model = xgboost.XGBRegressor(**FEW).fit(scaler.transform(table), table[:, 0] * 2)
    return Shape(
        {"scaler.pkl": scaler, "model.ubj": bytes(model.get_booster().save_raw("ubj"))},
        lambda rows: model.predict(scaler.transform(np.array(rows))),
        table[:12].tolist(),
    )


def xgboost_of_texts() -> Shape:
    """Return a vectorizer and a model that was fitted on what `.toarray()` gave, as is stated."""
    vectorizer = TfidfVectorizer().fit(texts.TEXTS)
    model = xgboost.XGBClassifier(**FEW, min_child_weight=0)
    model.fit(vectorizer.transform(texts.TEXTS).toarray(), texts.SPAM)
    return Shape(
        {"tfidf.pkl": vectorizer, "model.pkl": model},
        lambda asked: model.predict(vectorizer.transform(asked).toarray()),
        texts.ASKED,
        {"chain": ["tfidf.pkl", "toarray", "model.pkl"]},
    )


SHAPES = {
    made.__name__: made
    for made in (
        *(lightgbm_scaled, catboost_scaled, xgboost_with_labels, xgboost_native),
        xgboost_of_texts,
    )
}
