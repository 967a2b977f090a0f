"""The XGBoost runtime: loads native files into the estimator that fits the objective."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.frameworks.boosting import Refused
from modelmount_compiler.program.operations.preprocessing import category_codes

PACKAGES = ("xgboost-cpu", "scikit-learn", "numpy", "scipy", "pandas")
describe = estimators.describe
Model = estimators.Model

# What a model of before 3.1 has instead of the names of its categories: their codes are sent.
NO_NAMES: dict[str, list[Any]] = {"enc": []}
# Objectives of classifiers.
CLASSES = ("binary:logistic", "binary:hinge", "multi:softprob", "multi:softmax")


class Softprob(xgboost.XGBClassifier):
    """A classifier around a bare Booster with the objective `multi:softprob` and two classes.

    The base class would return two labels for each row.
    """

    def predict(self, X: Any, **options: Any) -> Any:  # noqa: N803 (as its base class)
        """Return the more probable class, shape (n,)."""
        return self.predict_proba(X, **options).argmax(axis=1)


ESTIMATORS = {
    "classifier": xgboost.XGBClassifier,
    "ranker": xgboost.XGBRanker,
    "regressor": xgboost.XGBRegressor,
    "softprob": Softprob,
}


def load(path: Path, fmt: str) -> xgboost.XGBModel:
    """Load a file that `save_model` of a Booster or of an estimator wrote.

    Raises:
        ModelRejected: XGBoost can't read it.
    """
    booster = xgboost.Booster({"nthread": 1})
    try:
        # By content: XGBoost itself goes by a name's extension, which may be another's.
        booster.load_model(_readable(path))
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise ModelRejected(
            "CORRUPT_FILE",
            f"XGBoost {xgboost.__version__} can't read it as {fmt}: {error} "
            "If it is of a later version of XGBoost, train and save it with this one.",
        ) from error
    return _estimator_of(booster)


def _readable(path: Path) -> Path | bytearray:
    """Return the path, or the content where the extension is that of the other format."""
    with path.open("rb") as file:
        is_binary = file.read(2) == b"{L"
    misnamed = {".json": is_binary, ".ubj": not is_binary}
    return bytearray(path.read_bytes()) if misnamed.get(path.suffix.lower()) else path


def as_estimator(loaded: Any) -> Any:
    """Return the estimator for a bare Booster; return anything else unchanged."""
    return _estimator_of(loaded) if isinstance(loaded, xgboost.Booster) else loaded


def is_fitted(estimator: xgboost.XGBModel) -> bool:
    """Whether an estimator was fitted."""
    return bool(estimator.__sklearn_is_fitted__())


def feature_names(estimator: xgboost.XGBModel) -> tuple[str, ...] | None:
    """Return the column names that an estimator was fitted with, or None."""
    names = estimator.get_booster().feature_names
    return None if names is None else tuple(names)


def categories(estimator: xgboost.XGBModel) -> dict[int, tuple[Any, ...]]:
    """Return the fitted categories by the position of their column, or their codes."""
    booster = estimator.get_booster()
    columns, names = known_categories(booster)
    known = dict(zip(columns, names, strict=True))
    if len(known) == (booster.feature_types or []).count("c"):
        return known
    found: dict[int, set[int]] = {}
    for tree in _model(booster)["trees"]:
        starts = zip(
            tree["categories_nodes"],
            tree["categories_segments"],
            tree["categories_sizes"],
            strict=True,
        )
        for node, start, size in starts:
            of = found.setdefault(tree["split_indices"][node], set())
            of.update(tree["categories"][start : start + size])
    codes = {column: tuple(range(max(of, default=0) + 2)) for column, of in found.items()}
    return codes | known


def _model(booster: xgboost.Booster) -> dict[str, Any]:
    learner = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    found: dict[str, Any] = learner.get("gbtree", learner)["model"]
    return found


def refused(_: xgboost.XGBModel) -> Refused:
    """Return which unknown categories are refused: XGBoost refuses each."""
    return "all"


def frame_converter(estimator: xgboost.XGBModel) -> Callable[[Any], Any]:
    """Return a function that converts a data frame into a matrix, with categories as codes.

    XGBoost would take an unknown text for the first category; the function refuses it instead.
    """
    codes = category_codes.Codes(*known_categories(estimator.get_booster()), refuses_unknown=True)
    return lambda batch: codes(batch.to_numpy(dtype=object).tolist())


def known_categories(
    booster: xgboost.Booster,
) -> tuple[tuple[int, ...], tuple[tuple[Any, ...], ...]]:
    """Return the categorical columns of the data frame at the fit, and their categories.

    Raises:
        ModelRejected: the model file has lost the categories.
    """
    if "c" not in (booster.feature_types or []):
        return (), ()
    encoded = _model(booster).get("cats", NO_NAMES)["enc"]
    found = {position: _categories(each) for position, each in enumerate(encoded)}
    found = {position: names for position, names in found.items() if names}
    return tuple(found), tuple(found.values())


def _categories(encoded: dict[str, Any]) -> tuple[Any, ...]:
    """Return the categories of a column: numbers, or texts, which are stored as one string.

    XGBoost 3.2 counts letters instead of bytes, so it cuts off texts that aren't ASCII.
    """
    if "offsets" not in encoded:
        return tuple(encoded["values"])
    if min(encoded["values"], default=0) < 0:
        raise ModelRejected(
            "UNSUPPORTED_CATEGORIES",
            "It was fitted on categories with letters beyond ASCII, which XGBoost stores cut off. "
            "Fit it on categories that are ASCII, or on numbers.",
        )
    text = bytes(encoded["values"]).decode()
    return tuple(text[a:b] for a, b in itertools.pairwise(encoded["offsets"]))


def use_one_thread(estimator: xgboost.XGBModel) -> None:
    """Make an estimator answer in the calling thread."""
    estimator.n_jobs = 1
    if estimator.__sklearn_is_fitted__():
        estimator.get_booster().set_param({"nthread": 1})


def _estimator_of(booster: xgboost.Booster) -> xgboost.XGBModel:
    """Return an estimator around a Booster.

    A bare Booster answers from all rounds, as its own `predict` does. One that an estimator saved
    answers from the rounds up to the best one.
    """
    config = json.loads(booster.save_config())
    saved_by = booster.attr("scikit_learn")
    if saved_by is None:
        booster.set_attr(best_iteration=None)
        learner = config["learner"]
        objective = learner["objective"]["name"]
        kind = "classifier" if objective in CLASSES else "regressor"
        if objective == "multi:softprob" and int(learner["learner_model_param"]["num_class"]) == 2:
            kind = "softprob"
    else:
        kind = json.loads(saved_by)["_estimator_type"]
    estimator = ESTIMATORS.get(kind, xgboost.XGBRegressor)(n_jobs=1)
    # XGBModel.load_model does the same, but would read the file a second time.
    estimator._Booster = booster
    if hasattr(estimator, "_load_model_attributes"):
        estimator._load_model_attributes(config)
    else:  # before 2.0
        _set_attributes(estimator, config["learner"])
    return estimator


def _set_attributes(estimator: xgboost.XGBModel, learner: dict[str, Any]) -> None:
    """Set what an estimator asks itself for when it answers."""
    estimator.objective = learner["objective"]["name"]
    if isinstance(estimator, xgboost.XGBClassifier):
        count = max(int(learner["learner_model_param"]["num_class"]), 2)
        estimator.__dict__.update(n_classes_=count, classes_=np.arange(count))
