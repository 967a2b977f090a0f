"""CatBoost's own files: served by the estimator that the loss calls for."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import sklearn as estimators

PACKAGES = ("catboost", "scikit-learn", "numpy", "scipy", "pandas")
describe = estimators.describe
Model = estimators.Model


def load(path: Path, fmt: str) -> catboost.CatBoost:
    """Load what `save_model` wrote in its format `cbm`.

    Raises:
        ModelRejected: CatBoost can't read it.
    """
    model = catboost.CatBoost()
    try:
        model.load_model(path)
    except catboost.CatBoostError as error:
        raise ModelRejected(
            "CORRUPT_FILE",
            f"CatBoost {catboost.__version__} can't read it as {fmt}: {str(error)[-500:]}",
        ) from error
    return adopt(model)


def adopt(loaded: Any) -> Any:  # noqa: ANN401 (see modelmount_compiler.frameworks.boosting)
    """Return the estimator for a bare CatBoost, and any other as it is."""
    if not isinstance(loaded, catboost.CatBoost) or not loaded.is_fitted():
        return loaded
    loaded._n_features_in = len(loaded.feature_names_)  # which isn't stored
    if type(loaded) is not catboost.CatBoost:
        return loaded
    is_classifier = len(loaded.classes_) > 0
    estimator = (catboost.CatBoostClassifier if is_classifier else catboost.CatBoostRegressor)()
    vars(estimator).update(vars(loaded))
    return estimator


def columns(estimator: catboost.CatBoost) -> tuple[str, ...] | None:
    """Return the names that it was fitted with, if it was."""
    names = tuple(estimator.feature_names_)
    return None if names == tuple(str(i) for i in range(len(names))) else names


def framer(estimator: catboost.CatBoost) -> Callable[[Any], Any]:
    """Return what makes numbers of all columns but those of categories, texts and embeddings."""
    others = {
        *estimator._get_cat_feature_indices(),
        *estimator._get_text_feature_indices(),
        *estimator._get_embedding_feature_indices(),
    }
    numbers = [name for place, name in enumerate(estimator.feature_names_) if place not in others]
    return lambda batch: batch.astype(dict.fromkeys(numbers, "float64"))


def use_one_thread(estimator: catboost.CatBoost) -> None:
    """Have it answer in the thread that asks, which only a call's own argument can say.

    Labels of several classes, which CatBoost gives as (n, 1), come as (n,), as of two.
    """
    for method in ("predict", "predict_proba"):
        if hasattr(estimator, method):
            setattr(estimator, method, functools.partial(_asked, getattr(estimator, method)))


def _asked(method: Callable[..., Any], data: Any, **options: Any) -> Any:  # noqa: ANN401 (as CatBoost's)
    answer = method(data, **(options | {"thread_count": 1}))
    return answer[:, 0] if answer.ndim == 2 and answer.shape[1] == 1 else answer
