"""Kinds of models of XGBoost, LightGBM and CatBoost, as their versions of each time have them."""

from collections.abc import Callable
from typing import Any

import catboost
import lightgbm
import numpy as np
import xgboost
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.versions.zoo import FRAME, LABELS, MATRIX, TARGET, THREE

GAPS = MATRIX.copy()
GAPS[::7, 2] = np.nan
CODES = np.unique(THREE, return_inverse=True)[1]
COUNTS = np.round(np.abs(TARGET))
TYPED = FRAME[["grade", "gap", "age"]]
XGB: dict[str, Any] = {"n_estimators": 9, "max_depth": 3, "n_jobs": 1}
LGB: dict[str, Any] = {"n_estimators": 9, "num_leaves": 7, "n_jobs": 1}
CAT: dict[str, Any] = {"iterations": 9, "depth": 3, "verbose": 0, "allow_writing_files": False}
Make = Callable[[], tuple[Any, Any]]


def models() -> dict[str, Make]:
    """Return what makes each model, with its data."""
    return {**_xgboost(), **_lightgbm(), **_catboost()}


def _on(model: Any, x: Any, y: Any, **given: Any) -> Make:
    return lambda: (model.fit(x, y, **given), x)


def _xgboost() -> dict[str, Make]:
    stopping = xgboost.XGBClassifier(early_stopping_rounds=2, **XGB)
    regressor, classifier = xgboost.XGBRegressor, xgboost.XGBClassifier
    matrix = xgboost.DMatrix(GAPS, TARGET)
    return {
        "XGBoost: two": _on(classifier(**XGB), GAPS, LABELS.astype(int)),
        "XGBoost: three": _on(classifier(**XGB), GAPS, CODES),
        "XGBoost: frame": _on(classifier(**XGB), FRAME[["gap", "age"]], LABELS.astype(int)),
        "XGBoost: regressor": _on(regressor(**XGB), GAPS, TARGET),
        "XGBoost: base score": _on(regressor(base_score=3.5, **XGB), GAPS, TARGET),
        "XGBoost: poisson": _on(regressor(objective="count:poisson", **XGB), GAPS, COUNTS),
        "XGBoost: stopped early": _on(
            stopping, GAPS, CODES, eval_set=[(GAPS[:40], CODES[:40])], verbose=False
        ),
        "XGBoost: dart": _on(regressor(booster="dart", rate_drop=0.3, **XGB), GAPS, TARGET),
        "XGBoost: linear": _on(regressor(booster="gblinear", **XGB), MATRIX, TARGET),
        "XGBoost: forest": _on(xgboost.XGBRFClassifier(**XGB), GAPS, LABELS.astype(int)),
        "XGBoost: booster": lambda: (
            xgboost.train({"objective": "reg:squarederror", "nthread": 1}, matrix, 9),
            GAPS,
        ),
        "XGBoost: pipeline": _on(
            make_pipeline(StandardScaler(), classifier(**XGB)), GAPS, LABELS.astype(int)
        ),
        "XGBoost: categories": _on(
            classifier(tree_method="hist", enable_categorical=True, **XGB),
            TYPED,
            LABELS.astype(int),
        ),
        "XGBoost: several targets": _on(
            MultiOutputRegressor(regressor(**XGB)), GAPS, np.column_stack((TARGET, -TARGET))
        ),
    }


def _lightgbm() -> dict[str, Make]:
    regressor, classifier = lightgbm.LGBMRegressor, lightgbm.LGBMClassifier
    stop = [lightgbm.early_stopping(2, verbose=False)]
    data = lightgbm.Dataset(GAPS, TARGET, params={"verbose": -1})
    return {
        "LightGBM: two": _on(classifier(**LGB), GAPS, LABELS),
        "LightGBM: three": _on(classifier(**LGB), GAPS, THREE),
        "LightGBM: frame": _on(classifier(**LGB), FRAME[["gap", "age"]], LABELS),
        "LightGBM: categories": _on(classifier(**LGB), TYPED, LABELS),
        "LightGBM: regressor": _on(regressor(**LGB), GAPS, TARGET),
        "LightGBM: poisson": _on(regressor(objective="poisson", **LGB), GAPS, COUNTS),
        "LightGBM: dart": _on(regressor(boosting_type="dart", **LGB), GAPS, TARGET),
        "LightGBM: linear trees": _on(regressor(linear_tree=True, **LGB), MATRIX, TARGET),
        "LightGBM: stopped early": _on(
            classifier(**LGB), GAPS, THREE, eval_set=[(GAPS[:40], THREE[:40])], callbacks=stop
        ),
        "LightGBM: booster": lambda: (
            lightgbm.train({"num_threads": 1, "verbose": -1}, data, 9),
            GAPS,
        ),
    }


def _catboost() -> dict[str, Make]:
    towns = FRAME[["town", "gap"]]
    return {
        "CatBoost: two": _on(catboost.CatBoostClassifier(**CAT), GAPS, LABELS.astype(int)),
        "CatBoost: three": _on(catboost.CatBoostClassifier(**CAT), GAPS, THREE),
        "CatBoost: regressor": _on(catboost.CatBoostRegressor(**CAT), GAPS, TARGET),
        "CatBoost: categories": _on(
            catboost.CatBoostClassifier(cat_features=["town"], **CAT), towns, LABELS.astype(int)
        ),
    }
