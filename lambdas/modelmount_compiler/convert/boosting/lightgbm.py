"""Converters of LightGBM's estimators: trees in float64, and the objective's link function.

Source of the arithmetic: src/boosting/gbdt_prediction.cpp and src/objective of LightGBM 4.7.
"""

from typing import Any

import lightgbm
import numpy as np

from modelmount_compiler.convert.boosting import category_sets
from modelmount_compiler.convert.boosting.category_sets import CategorySets
from modelmount_compiler.convert.boosting.lightgbm_trees import MissingTypes, flat, sections
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.trees.flat_forest import tree_sum
from modelmount_compiler.frameworks import lightgbm_categories
from modelmount_compiler.frameworks.lightgbm import encoding
from modelmount_compiler.program.operations.linear import linear_models, link_functions
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.operations.preprocessing import scaling

IDENTITY = (
    *("regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg"),
    *("", "custom"),
)
EXPONENTIAL = ("poisson", "gamma", "tweedie")


@converts(lightgbm.LGBMRegressor, lightgbm.LGBMRanker)
def value(model: lightgbm.LGBMModel, graph: Graph, x: Value) -> Outputs:
    """Convert a regressor or a ranker: sums or means of leaves, and the objective's link."""
    _, sums, objective, options = _sums(model, graph, x)
    if objective == "regression" and "sqrt" in options:
        sums = graph.add(link_functions.SignedSquare(), sums, width=sums.width)
    elif objective == "cross_entropy":
        sums = graph.add(link_functions.Sigmoids(), sums, width=sums.width)
    elif objective == "cross_entropy_lambda":
        sums = graph.add(link_functions.Softplus(), sums, width=sums.width)
    elif objective in EXPONENTIAL:
        sums = graph.add(linear_models.Exponential(), sums, width=sums.width)
    elif objective not in (*IDENTITY, "regression"):
        raise NotCompilable(f"the objective {objective} has no compiled form")
    return {"predict": _column(graph, sums)}


@converts(lightgbm.LGBMClassifier)
def classes(model: lightgbm.LGBMClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier: probabilities from margins, the most probable label, raw sums."""
    raw, sums, objective, options = _sums(model, graph, x)
    if objective == "binary":
        scaled = _times(graph, sums, options)
        shares = graph.add(linear_models.Sigmoid(), _column(graph, scaled), width=2)
    elif objective == "multiclass":
        shares = graph.add(linear_models.Softmax(), sums, width=sums.width)
    elif objective == "multiclassova":
        shares = graph.add(
            link_functions.Sigmoids(), _times(graph, sums, options), width=sums.width
        )
    else:
        raise NotCompilable(f"classes by {objective or 'an objective of your own'}")
    best = graph.add(labels.Highest(model.classes_), shares, kind="answer")
    return {"predict": best, "predict_proba": shares, "decision_function": _column(graph, raw)}


def _sums(
    model: lightgbm.LGBMModel, graph: Graph, x: Value
) -> tuple[Value, Value, str, dict[str, str]]:
    """Add the sum of leaves, shape (n, outputs).

    Returns:
        the sum; the mean if the model averages, otherwise the sum again; the objective; and the
        options of the objective.
    """
    if any(name.startswith("pred_early_stop") for name in model.get_params()):
        raise NotCompilable("pred_early_stop leaves trees out, which has no compiled form")
    booster = model.booster_
    header, trees = sections(booster.model_to_string())
    name, *words = header.get("objective", "").split()
    width, outputs = booster.num_feature(), int(header["num_tree_per_iteration"])
    missing_types, sets = MissingTypes(width), CategorySets()
    forest = [flat(tree, missing_types, sets) for tree in trees]
    options: dict[str, Any] = {"cells": missing_types.cells(), "categories": sets.words()}
    if outputs > 1:
        options["targets"] = np.arange(len(forest), dtype=np.uint32) % outputs
    x = category_sets.encoded_matrix(graph, x, encoding(lightgbm_categories.pairing(booster)))
    raw = sums = tree_sum(graph, x, forest, width, np.zeros(outputs), **options)
    if "average_output" in header:
        rounds = np.array([len(forest) / outputs])
        sums = graph.add(scaling.Divide(rounds), raw, width=outputs)
    return raw, sums, name, dict(word.partition(":")[::2] for word in words)


def _times(graph: Graph, margins: Value, options: dict[str, str]) -> Value:
    factor = float(options.get("sigmoid", 1))
    if factor == 1.0:
        return margins
    return graph.add(scaling.Times(factor), margins, width=margins.width)


def _column(graph: Graph, x: Value) -> Value:
    return graph.add(linear_models.Column(), x, kind="answer") if x.width == 1 else x
