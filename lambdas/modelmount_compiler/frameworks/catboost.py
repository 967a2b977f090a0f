"""The CatBoost runtime: loads `.cbm` files into the estimator that fits the loss."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.frameworks.boosting import Refused

PACKAGES = ("catboost", "scikit-learn", "numpy", "scipy", "pandas")
describe = estimators.describe
Model = estimators.Model


def load(path: Path, fmt: str) -> catboost.CatBoost:
    """Load a file that `save_model` wrote in the format `cbm`.

    Raises:
        ModelRejected: CatBoost can't read it.
    """
    model = catboost.CatBoost()
    try:
        model.load_model(path)
    except catboost.CatBoostError as error:
        raise ModelRejected(
            "CORRUPT_FILE",
            f"CatBoost {catboost.__version__} can't read it as {fmt}: {error}",
        ) from error
    return as_estimator(model)


def as_estimator(loaded: Any) -> Any:
    """Return the estimator for a bare CatBoost; return anything else unchanged."""
    if not isinstance(loaded, catboost.CatBoost) or not loaded.is_fitted():
        return loaded
    loaded._n_features_in = len(loaded.feature_names_)  # it isn't stored
    if type(loaded) is not catboost.CatBoost:
        return loaded
    is_classifier = len(loaded.classes_) > 0
    estimator = (catboost.CatBoostClassifier if is_classifier else catboost.CatBoostRegressor)()
    vars(estimator).update(vars(loaded))
    return estimator


def is_fitted(estimator: catboost.CatBoost) -> bool:
    """Whether an estimator was fitted."""
    return bool(estimator.is_fitted())


def feature_names(estimator: catboost.CatBoost) -> tuple[str, ...] | None:
    """Return the column names that an estimator was fitted with, or None."""
    names = tuple(estimator.feature_names_)
    return None if names == tuple(str(i) for i in range(len(names))) else names


def categories(_: catboost.CatBoost) -> dict[int, tuple[Any, ...]]:
    """Return no categories: CatBoost stores hashes of them."""
    return {}


def refused(_: catboost.CatBoost) -> Refused:
    """Return which unknown categories are refused: CatBoost knows none, and takes all."""
    return "none"


def frame_converter(estimator: catboost.CatBoost) -> Callable[[Any], Any]:
    """Return a function that makes columns float64, except categories, texts and embeddings."""
    others = {
        *estimator._get_cat_feature_indices(),
        *estimator._get_text_feature_indices(),
        *estimator._get_embedding_feature_indices(),
    }
    numbers = [
        name for position, name in enumerate(estimator.feature_names_) if position not in others
    ]
    return lambda batch: batch.astype(dict.fromkeys(numbers, "float64"))


def use_one_thread(estimator: catboost.CatBoost) -> None:
    """Make an estimator answer in the calling thread, by an argument of every call.

    The wrapper also returns labels of several classes, which CatBoost gives as (n, 1), as (n,).
    """
    for method in ("predict", "predict_proba"):
        if hasattr(estimator, method):
            asked = getattr(estimator, method)
            named = functools.update_wrapper(functools.partial(_called, asked), asked)
            setattr(estimator, method, named)  # scikit-learn's wrappers ask for its name


def _called(method: Callable[..., Any], data: Any, **options: Any) -> Any:
    answer = method(data, **(options | {"thread_count": 1}))
    return answer[:, 0] if answer.ndim == 2 and answer.shape[1] == 1 else answer
