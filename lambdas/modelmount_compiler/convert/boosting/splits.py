"""The trees of the boosting libraries' models, for whoever looks for their splits."""

import json
from typing import Any

import numpy as np

from modelmount_compiler.convert.boosting.category_sets import CategorySets
from modelmount_compiler.convert.trees.flat_forest import Tree
from modelmount_compiler.convert.trees.leaves import Leaves


def forest_of(estimator: Any) -> list[Tree]:
    """Return the trees of a fitted estimator.

    Raises:
        NotCompilable: they are of a kind that has no compiled form.
    """
    library = type(estimator).__module__.partition(".")[0]
    return READERS.get(library, _none)(estimator)


def _none(_: Any) -> list[Tree]:
    return []


def _xgboost(estimator: Any) -> list[Tree]:
    from modelmount_compiler.convert.boosting import xgboost_trees  # noqa: PLC0415 (only its own)

    booster = estimator.get_booster()
    learner = json.loads(booster.save_raw("json"))["learner"]
    outputs = learner["learner_model_param"]
    base = np.zeros(max(int(outputs["num_class"]), int(outputs["num_target"]), 1), np.float32)
    best = booster.attr("best_iteration")
    trees, _ = xgboost_trees.forest_of(learner["gradient_booster"], best, base, CategorySets())
    return trees


def _lightgbm(estimator: Any) -> list[Tree]:
    from modelmount_compiler.convert.boosting import lightgbm_trees  # noqa: PLC0415 (as above)

    booster = estimator.booster_
    _, trees = lightgbm_trees.sections(booster.model_to_string())
    missing, sets = lightgbm_trees.MissingTypes(booster.num_feature()), CategorySets()
    return [lightgbm_trees.flat(tree, missing, sets) for tree in trees]


def _catboost(estimator: Any) -> list[Tree]:
    from modelmount_compiler.convert.boosting import catboost, catboost_trees  # noqa: PLC0415

    exported = catboost.to_json(estimator)
    features = catboost_trees.Features(exported["features_info"])
    leaves = Leaves(len(exported["scale_and_bias"][1]))
    if "oblivious_trees" in exported:
        return [catboost_trees.symmetric(t, features, leaves) for t in exported["oblivious_trees"]]
    return [catboost_trees.asymmetric(tree, features, leaves) for tree in exported["trees"]]


READERS = {"catboost": _catboost, "lightgbm": _lightgbm, "xgboost": _xgboost}
