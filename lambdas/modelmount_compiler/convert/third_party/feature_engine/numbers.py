"""Converters of feature-engine's discretisers, scalers, caps and functions of numbers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from feature_engine import discretisation, outliers, scaling, transformation
from numpy.typing import NDArray
from sklearn.base import is_classifier

from modelmount_compiler.column_types import ANY, ColumnType
from modelmount_compiler.convert import meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.third_party import blocks
from modelmount_compiler.convert.third_party.feature_engine.tables import facts_of, runs
from modelmount_compiler.program.operations.outputs import composition
from modelmount_compiler.program.operations.preprocessing import scaling as operations
from modelmount_compiler.program.operations.preprocessing import tables

INTEGER = ColumnType("integer", "int64", "nan", "float64")
Array = NDArray[Any]
# Adds what becomes of some columns, which are given by name and as a checked matrix.
Change = Callable[[list[Any], Value], Value]


def changed(model: Any, graph: Graph, x: Value, change: Change) -> Outputs:
    """Add what becomes of a transformer's variables; NaN and infinity in them are refused."""
    facts = facts_of(model, x)
    variables = set(model.variables_)
    parts = []
    for is_variable, places in runs([name in variables for name in facts.names]):
        if not is_variable:
            parts.append(blocks.chosen(graph, x, places))
            continue
        seen = blocks.numbers(graph, x, places)
        checked = graph.add(operations.Finite(allows_missing=False), seen, width=len(places))
        parts.append(change([facts.names[place] for place in places], checked))
    return {"transform": blocks.together(graph, parts, facts.names)}


@converts(
    discretisation.ArbitraryDiscretiser,
    discretisation.EqualFrequencyDiscretiser,
    discretisation.EqualWidthDiscretiser,
    discretisation.GeometricWidthDiscretiser,
)
def discretiser(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a discretiser: the number of each value's interval."""
    if getattr(model, "return_boundaries", False):
        raise NotCompilable(f"{type(model).__qualname__} has return_boundaries")
    if isinstance(model, discretisation.ArbitraryDiscretiser) and model.errors != "raise":
        whole = False
    else:
        whole = True

    def cut(names: list[Any], checked: Value) -> Value:
        edges = tuple(np.asarray(model.binner_dict_[name], dtype=np.float64) for name in names)
        value = graph.add(tables.Cut(edges, whole), checked, width=len(names))
        if not model.return_object:
            return value
        listed = graph.add(tables.Listed(), value, kind="rows", width=len(names))
        return replace(listed, types=((INTEGER if whole else ANY),) * len(names))

    return changed(model, graph, x, cut)


@converts(discretisation.DecisionTreeDiscretiser)
def tree_discretiser(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a discretiser by trees: what the tree of each column answers, or its interval."""
    if model.bin_output == "boundaries":
        raise NotCompilable("DecisionTreeDiscretiser gives boundaries")

    def answer(names: list[Any], checked: Value) -> Value:
        if model.bin_output != "prediction":
            edges = tuple(np.asarray(model.binner_dict_[name], dtype=np.float64) for name in names)
            return graph.add(tables.Cut(edges, whole=True), checked, width=len(names))
        columns = [
            _of_tree(model, model.binner_dict_[name], graph, blocks.chosen(graph, checked, [i]))
            for i, name in enumerate(names)
        ]
        value = graph.add(composition.Beside(), *columns, width=len(names))
        if model.precision is None:
            return value
        return graph.add(tables.Rounded(int(model.precision)), value, width=len(names))

    return changed(model, graph, x, answer)


def _of_tree(model: Any, search: Any, graph: Graph, column: Value) -> Value:
    if model.regression:
        return meta_estimators.convert_method(search, "predict", graph, column)
    if not is_classifier(search):
        raise NotCompilable("a discretiser by trees that aren't classifiers")
    odds = meta_estimators.convert_method(search, "predict_proba", graph, column)
    return graph.add(composition.Pick(1), odds, kind="answer")


@converts(outliers.Winsorizer, outliers.ArbitraryOutlierCapper)
def capper(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert caps: each column is clipped."""
    name = type(model).__qualname__
    if getattr(model, "add_indicators", False) or model.missing_values != "raise":
        raise NotCompilable(f"{name} has add_indicators, or doesn't refuse missing values")
    low, high = model.left_tail_caps_, model.right_tail_caps_

    def clip(names: list[Any], checked: Value) -> Value:
        lows = np.array([low.get(each, -np.inf) for each in names], dtype=np.float64)
        highs = np.array([high.get(each, np.inf) for each in names], dtype=np.float64)
        return graph.add(tables.Capped(lows, highs), checked, width=len(names))

    return changed(model, graph, x, clip)


@converts(scaling.MeanNormalizationScaler)
def mean_normalization(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert mean normalization."""

    def normalize(names: list[Any], checked: Value) -> Value:
        means = np.array([model.mean_[name] for name in names], dtype=np.float64)
        ranges = np.array([model.range_[name] for name in names], dtype=np.float64)
        return graph.add(operations.Standardize(means, ranges), checked, width=len(names))

    return changed(model, graph, x, normalize)


@converts(transformation.LogTransformer, transformation.LogCpTransformer)
def logarithm(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert logarithms, of values above zero after a constant was added."""
    constants = getattr(model, "C_", 0.0)

    def take(names: list[Any], checked: Value) -> Value:
        given = [constants[n] if isinstance(constants, dict) else constants for n in names]
        added = np.array(given, dtype=np.float64)
        value = graph.add(tables.Exceeds(added), checked, width=len(names))
        if hasattr(model, "C_"):
            value = graph.add(operations.Shift(-added), value, width=len(names))
        function = "log" if model.base == "e" else "log10"
        return graph.add(operations.Function(function), value, width=len(names))

    return changed(model, graph, x, take)


@converts(transformation.PowerTransformer)
def power(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert powers."""
    return changed(
        model,
        graph,
        x,
        lambda names, checked: graph.add(tables.Power(float(model.exp)), checked, width=len(names)),
    )


@converts(transformation.ReciprocalTransformer)
def reciprocal(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert reciprocals, of values that aren't zero."""

    def divide(names: list[Any], checked: Value) -> Value:
        value = graph.add(tables.Nonzero(), checked, width=len(names))
        return graph.add(tables.Inverse(), value, width=len(names))

    return changed(model, graph, x, divide)
