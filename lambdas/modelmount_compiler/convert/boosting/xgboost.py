"""Converters of XGBoost's estimators: trees in float32, and the objective's link function.

Source of the arithmetic: src/predictor, src/gbm and src/objective of XGBoost 3.2, checked with the
library itself.
"""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from modelmount_compiler.convert.boosting import category_sets as columns
from modelmount_compiler.convert.boosting.category_sets import CategorySets
from modelmount_compiler.convert.boosting.xgboost_trees import forest_of
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.trees.flat_forest import tree_sum
from modelmount_compiler.frameworks.xgboost import Softprob, known_categories
from modelmount_compiler.program.operations.linear import float32_links, linear_models
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.operations.preprocessing import category_codes
from modelmount_compiler.program.program import Operation

Array = NDArray[Any]

IDENTITY = (
    *("reg:squarederror", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror"),
    *("reg:quantileerror", "binary:logitraw", "rank:ndcg", "rank:pairwise", "rank:map"),
)
EXPONENTIAL = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft")
LOGISTIC = ("binary:logistic", "reg:logistic")
SEVERAL = ("multi:softprob", "multi:softmax")


@converts(xgboost.XGBRegressor, xgboost.XGBRFRegressor, xgboost.XGBRanker)
def value(model: xgboost.XGBModel, graph: Graph, x: Value) -> Outputs:
    """Convert a regressor or a ranker: base score plus sums of leaves, and the link function."""
    margins, objective = _margins(model, graph, x)
    if objective in IDENTITY:
        return {"predict": _single(_answer(graph, margins))}
    if objective in SEVERAL or objective == "binary:hinge":
        raise NotCompilable(f"{objective} of a {type(model).__qualname__} has no compiled form")
    return {"predict": _single(_answer(graph, _linked(graph, margins, objective)))}


@converts(xgboost.XGBClassifier, xgboost.XGBRFClassifier, Softprob)
def classes(model: xgboost.XGBClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier: probabilities from margins in float32, and labels from them."""
    margins, objective = _margins(model, graph, x)
    if objective in SEVERAL:
        return _several(model, objective, graph, margins)
    if objective == "binary:hinge" and margins.width == 1:
        shares = graph.add(float32_links.Step(), margins, kind="answer")
    elif objective in LOGISTIC:
        shares = _linked(graph, margins, objective)
    else:
        raise NotCompilable(f"classes by {objective} have no compiled form")
    if margins.width != 1:  # multilabel: each column is a label of its own
        chosen = graph.add(labels.EachAbove(0.5, "float64"), shares, kind="answer")
        return {"predict": chosen, "predict_proba": _single(shares)}
    chosen = graph.add(labels.Above(model.classes_, 0.5), shares, kind="answer")
    pairs = graph.add(float32_links.Pair(), shares, width=2)
    return {"predict": chosen, "predict_proba": _single(pairs)}


def _several(model: Any, objective: str, graph: Graph, margins: Value) -> Outputs:
    shares = graph.add(float32_links.Softmax(), margins, width=margins.width)
    if objective == "multi:softmax":
        best = graph.add(labels.Highest(model.classes_.astype(np.int32)), margins, kind="answer")
    elif margins.width == 2 and type(model) is not Softprob:
        best = graph.add(labels.EachAbove(0.5, "float64"), shares, kind="answer")
    else:
        best = graph.add(labels.Highest(model.classes_), shares, kind="answer")
    return {"predict": best, "predict_proba": _single(shares)}


def _single(x: Value) -> Value:
    return replace(x, single=True)


def _linked(graph: Graph, margins: Value, objective: str) -> Value:
    """Add the inverse of the link function; a single logistic margin gives shape (n,)."""
    link: Operation = float32_links.Exponential()
    if objective in LOGISTIC:
        link = float32_links.Sigmoid() if margins.width == 1 else float32_links.Sigmoids()
    elif objective not in EXPONENTIAL:
        raise NotCompilable(f"the objective {objective} has no compiled form")
    is_vector = objective in LOGISTIC and margins.width == 1
    return graph.add(link, margins, kind="answer" if is_vector else "matrix", width=margins.width)


def _answer(graph: Graph, x: Value) -> Value:
    if x.width != 1 or x.kind == "answer":
        return x
    return graph.add(linear_models.Column(), x, kind="answer")


def _margins(model: xgboost.XGBModel, graph: Graph, x: Value) -> tuple[Value, str]:
    """Add the sum of leaves, float32 of shape (n, outputs); return it with the objective."""
    booster = model.get_booster()
    if not math.isnan(model.missing):
        raise NotCompilable(f"missing={model.missing!r} has no compiled form; use NaN")
    if x.kind == "sparse":
        raise NotCompilable("XGBoost takes absent values of sparse columns as missing")
    learner = json.loads(booster.save_raw("json"))["learner"]
    base, objective = _base(learner), learner["objective"]["name"]
    sets = CategorySets()
    best = booster.attr("best_iteration")
    trees, targets = forest_of(learner["gradient_booster"], best, base, sets)
    value = columns.encoded_matrix(
        graph, x, category_codes.Codes(*known_categories(booster), refuses_unknown=True)
    )
    categorical = tuple(i for i, kind in enumerate(booster.feature_types or ()) if kind == "c")
    if categorical:  # rounds down, because truncation would make category 0 of -0.5
        value = graph.add(category_codes.FloorSingle(categorical), value, width=x.width)
    options = {"single": True, "categories": sets.words()}
    if len(base) > 1:
        options["targets"] = targets
    return tree_sum(graph, value, trees, booster.num_features(), base, **options), objective


def _base(learner: dict[str, Any]) -> Array:
    """Return the initial margins, float32 of shape (outputs,)."""
    about, objective = learner["learner_model_param"], learner["objective"]["name"]
    outputs = max(int(about["num_class"]), int(about.get("num_target", 1)), 1)
    base = np.atleast_1d(np.array(json.loads(about["base_score"]), dtype=np.float32))
    if objective in LOGISTIC:
        base = -np.log((1 / base - 1).astype(np.float64)).astype(np.float32)
    elif objective in EXPONENTIAL:
        base = np.log(base.astype(np.float64)).astype(np.float32)
    return np.broadcast_to(base, outputs).copy()
