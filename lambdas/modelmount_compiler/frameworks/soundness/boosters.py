"""Checks boosters that a pickle holds, by what they write themselves."""

from typing import Any

from modelmount_compiler.frameworks.soundness import catboost_model, lightgbm_model, xgboost_model


def xgboost_booster(booster: Any, _where: str) -> None:
    """Check a booster of XGBoost."""
    xgboost_model.check(bytes(booster.save_raw("ubj")))


def lightgbm_booster(booster: Any, _where: str) -> None:
    """Check a booster of LightGBM."""
    text = booster.model_to_string(num_iteration=-1)
    lightgbm_model.check(text.encode(errors="surrogateescape"))


def catboost_estimator(model: Any, _where: str) -> None:
    """Check a model of CatBoost."""
    if model.is_fitted():
        catboost_model.check(model._serialize_model())


BY_CLASS = {
    "xgboost.core.Booster": xgboost_booster,
    "lightgbm.basic.Booster": lightgbm_booster,
    "catboost.core.CatBoost": catboost_estimator,
}
