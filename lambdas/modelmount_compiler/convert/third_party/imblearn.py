"""Converters of imbalanced-learn: its pipelines and ensembles."""

import copy
from typing import Any

from imblearn.ensemble import (
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from imblearn.pipeline import Pipeline

from modelmount_compiler.convert.graph import Graph, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.meta import pipelines
from modelmount_compiler.convert.sklearn.trees import bagging, boosting, tree_ensembles
from modelmount_compiler.frameworks import third_party


@converts(Pipeline)
def pipeline(estimator: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a pipeline: samplers work at the fit alone."""
    asked = copy.copy(estimator)
    asked.steps = [
        (name, step) for name, step in estimator.steps if not third_party.is_sampler(step)
    ]
    return pipelines.pipeline(asked, graph, x)


@converts(BalancedRandomForestClassifier)
def forest(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a balanced random forest, which answers as any random forest."""
    return tree_ensembles.mean_of_trees(model, graph, x)


@converts(BalancedBaggingClassifier, EasyEnsembleClassifier)
def balanced_bagging(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert bagging whose members resample before they are fitted."""
    asked = copy.copy(model)
    asked.estimators_ = [_asked(member) for member in model.estimators_]
    return bagging.bagging(asked, graph, x)


@converts(RUSBoostClassifier)
def rus_boost(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert boosting that resamples in each round, and answers as AdaBoost."""
    return boosting.adaboost(model, graph, x)


def _asked(member: Any) -> Any:
    """Return the one step of a pipeline that isn't a sampler, or the pipeline."""
    steps = [step for _, step in member.steps if not third_party.is_sampler(step)]
    return steps[0] if len(steps) == 1 else member
