"""Converters of bagging and isolation forests, whose members take samples of the columns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import BaggingClassifier, BaggingRegressor, IsolationForest
from sklearn.ensemble._iforest import _average_path_length

from modelmount_compiler.convert import meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear.linear_models import BELOW_ZERO
from modelmount_compiler.convert.sklearn.preprocessing import column_transformer
from modelmount_compiler.convert.sklearn.trees.tree_ensembles import TREES, flat, leaf_values, mean
from modelmount_compiler.convert.trees.flat_forest import tree_sum
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.program.operations.trees import tree_ensembles, voting
from modelmount_compiler.signature import Method

Array = NDArray[Any]


@converts(BaggingClassifier)
def bagging(model: BaggingClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a bagging classifier: mean probabilities, or shares of votes."""
    k = len(model.classes_)
    if any(len(member.classes_) != k for member in model.estimators_):
        raise NotCompilable("a member of the bagging never saw some of the classes")
    if _over_trees(model):
        odds = _mean_of_trees(model, graph, x)
    elif hasattr(model.estimators_[0], "predict_proba"):
        members = _answers(model, "predict_proba", graph, x)
        doubled = [meta_estimators.in_double(graph, member) for member in members]
        odds = graph.add(composition.Mean(), *doubled, width=k)
    else:
        odds = graph.add(voting.Shares(k), *_answers(model, "predict", graph, x), width=k)
    best = graph.add(labels.Highest(model.classes_), odds, kind="answer")
    outputs: dict[Method, Value] = {"predict": best, "predict_proba": odds}
    if hasattr(model, "decision_function"):
        scores = _answers(model, "decision_function", graph, x)
        kind, width = scores[0].kind, scores[0].width
        mean_score = graph.add(composition.Mean(), *scores, kind=kind, width=width)
        outputs["decision_function"] = mean_score
    return outputs


@converts(BaggingRegressor)
def bagging_regression(model: BaggingRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a bagging regressor: mean predictions."""
    if not _over_trees(model):
        members = _answers(model, "predict", graph, x)
        return {"predict": graph.add(composition.Mean(), *members, kind="answer")}
    value = _mean_of_trees(model, graph, x)
    if value.width == 1:
        value = graph.add(linear_models.Column(), value, kind="answer")
    return {"predict": value}


@converts(IsolationForest)
def isolation(model: IsolationForest, graph: Graph, x: Value) -> Outputs:
    """Convert an isolation forest: a score from the mean depth, corrected for pruned leaves."""
    expected = len(model.estimators_) * float(_average_path_length([model._max_samples])[0])
    if expected == 0:
        raise NotCompilable("an isolation forest of single samples has no compiled form")
    whole = model._max_features == model.n_features_in_
    checked = not releases.allows_missing(model)
    flats = [
        flat(member.tree_, depth, missing=not checked, columns=None if whole else chosen)
        for member, chosen, depth in zip(
            model.estimators_, model.estimators_features_, releases.depths(model), strict=True
        )
    ]
    options = {"single": True, "refuses_missing": checked, "refuses_infinite": checked}
    depth = tree_sum(graph, x, flats, model.n_features_in_, np.zeros(1), **options)
    depth = graph.add(linear_models.Column(), depth, kind="answer")
    score = graph.add(
        tree_ensembles.PathScore(expected, float(model.offset_)), depth, kind="answer"
    )
    inlier = graph.add(labels.Above(np.array([-1, 1]), BELOW_ZERO), score, kind="answer")
    return {"predict": inlier, "decision_function": score}


def _over_trees(model: Any) -> bool:
    return all(type(member) in TREES for member in model.estimators_)


def _mean_of_trees(model: Any, graph: Graph, x: Value) -> Value:
    """Add one forest for all members; columns that no member takes aren't checked."""
    used = np.unique(np.concatenate(model.estimators_features_))
    seen = column_transformer.select(graph, x, used.tolist())
    chosen = [np.searchsorted(used, features) for features in model.estimators_features_]
    return mean(graph, seen, len(used), model.estimators_, leaf_values, chosen)


def _answers(model: Any, method: Method, graph: Graph, x: Value) -> list[Value]:
    return [
        meta_estimators.convert_method(
            member, method, graph, column_transformer.select(graph, x, features)
        )
        for member, features in zip(model.estimators_, model.estimators_features_, strict=True)
    ]
