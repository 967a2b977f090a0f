"""Converters of CatBoost's estimators: trees over float32 values, summed in float64.

Source of the arithmetic: catboost/libs/model and catboost/private/libs/eval of CatBoost 1.2.10.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import catboost
import numpy as np

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.boosting.catboost_trees import Features, asymmetric, symmetric
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.trees.flat_forest import tree_sum
from modelmount_compiler.convert.trees.leaves import Leaves
from modelmount_compiler.program.operations.linear import linear_models, link_functions
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.operations.preprocessing import scaling

IDENTITY = (
    *("RMSE", "MAE", "Quantile", "Expectile", "Lq", "Huber", "MAPE", "LogCosh"),
    *("MultiRMSE", "MultiQuantile", "YetiRank", "YetiRankPairwise", "PairLogit"),
    *("PairLogitPairwise", "QueryRMSE", "QuerySoftMax", "StochasticRank", "LambdaMart"),
)
EXPONENTIAL = ("Poisson", "Tweedie")


@converts(catboost.CatBoostRegressor, catboost.CatBoostRanker)
def value(model: catboost.CatBoost, graph: Graph, x: Value) -> Outputs:
    """Convert a regressor or a ranker: scaled sums of leaves, and the loss's link function."""
    loss = _loss(model)
    if loss not in (*IDENTITY, *EXPONENTIAL):
        raise NotCompilable(f"the loss {loss} has no compiled form")
    sums = _sums(model, graph, x)
    if loss in EXPONENTIAL and type(model) is catboost.CatBoostRegressor:
        sums = graph.add(linear_models.Exponential(), sums, width=sums.width)
    return {"predict": _column(graph, sums)}


@converts(catboost.CatBoostClassifier)
def classes(model: catboost.CatBoostClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier: labels and probabilities from margins."""
    loss = _loss(model)
    if model.get_probability_threshold() not in (None, 0.5):
        raise NotCompilable("a probability threshold other than 0.5 has no compiled form")
    sums = _sums(model, graph, x)
    if loss in ("Logloss", "CrossEntropy") and sums.width == 1:
        margin = _column(graph, sums)
        best = graph.add(labels.Above(model.classes_), margin, kind="answer")
        return {
            "predict": best,
            "predict_proba": graph.add(linear_models.Sigmoid(), margin, width=2),
        }
    if loss not in ("MultiClass", "MultiClassOneVsAll"):
        raise NotCompilable(f"the loss {loss} has no compiled form")
    link = linear_models.Softmax() if loss == "MultiClass" else link_functions.Sigmoids()
    best = graph.add(labels.Highest(model.classes_), sums, kind="answer")
    return {"predict": best, "predict_proba": graph.add(link, sums, width=sums.width)}


def _loss(model: catboost.CatBoost) -> str:
    """Return the name of the fitted loss, without its parameters."""
    return str(model.get_all_params()["loss_function"]).partition(":")[0]


def _sums(model: catboost.CatBoost, graph: Graph, x: Value) -> Value:
    """Add scale * sum of leaves + bias, shape (n, outputs)."""
    exported = to_json(model)
    scale, bias = exported["scale_and_bias"]
    features, leaves = Features(exported["features_info"]), Leaves(len(bias))
    if "oblivious_trees" in exported:
        forest = [symmetric(tree, features, leaves) for tree in exported["oblivious_trees"]]
    else:
        forest = [asymmetric(tree, features, leaves) for tree in exported["trees"]]
    width = len(model.feature_names_)
    options: dict[str, Any] = {"single": True, "values": leaves.table()}
    x = coercion.numbers(graph, x)
    sums = tree_sum(graph, x, forest, width, np.zeros(len(bias)), **options)
    if scale != 1:
        sums = graph.add(scaling.Times(float(scale)), sums, width=sums.width)
    if np.any(bias):
        sums = graph.add(scaling.Shift(-np.array(bias, dtype=np.float64)), sums, width=sums.width)
    return sums


def to_json(model: catboost.CatBoost) -> dict[str, Any]:
    """Return the model in CatBoost's JSON format."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        exported: dict[str, Any] = json.loads(path.read_bytes())
    return exported


def _column(graph: Graph, x: Value) -> Value:
    return graph.add(linear_models.Column(), x, kind="answer") if x.width == 1 else x
