"""Converters of feature-engine's imputers, encoders and selections."""

import copy
import inspect
from dataclasses import replace
from typing import Any

import numpy as np
from feature_engine import encoding, imputation, selection
from feature_engine.pipeline import Pipeline

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.meta import pipelines
from modelmount_compiler.convert.third_party import blocks
from modelmount_compiler.convert.third_party.encoders import encode
from modelmount_compiler.frameworks import third_party
from modelmount_compiler.frameworks.third_party import Facts
from modelmount_compiler.program.operations.preprocessing import imputation as filling
from modelmount_compiler.program.operations.preprocessing import tables

IMPUTERS = (
    imputation.ArbitraryNumberImputer,
    imputation.CategoricalImputer,
    imputation.EndTailImputer,
    imputation.MeanMedianImputer,
)
ENCODERS = (
    encoding.CountFrequencyEncoder,
    encoding.DecisionTreeEncoder,
    encoding.MeanEncoder,
    encoding.OneHotEncoder,
    encoding.OrdinalEncoder,
    encoding.RareLabelEncoder,
    encoding.WoEEncoder,
)
SELECTIONS = tuple(
    found
    for name, found in vars(selection).items()
    if inspect.isclass(found) and hasattr(found, "transform") and name != "BaseSelector"
)


def facts_of(model: Any, x: Value) -> Facts:
    """Return what a transformer learned, of the columns that it gets."""
    facts = third_party.facts(model)
    if facts is None:
        raise NotCompilable(f"{type(model).__qualname__} doesn't say what it learned")
    if x.kind not in ("rows", "matrix") or x.width != len(facts.names):
        name = type(model).__qualname__
        raise NotCompilable(f"{name} of {len(facts.names)} columns gets {x.kind} of {x.width}")
    return facts


@converts(*ENCODERS)
def encoder(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert an encoder: it looks up each category, and hands other columns on."""
    facts = facts_of(model, x)
    asked = copy.copy(model).set_output(transform="default")
    names = model.get_feature_names_out()
    return {"transform": encode(graph, x, facts, asked.transform, names)}


@converts(*SELECTIONS)
def selected(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a selection: the columns that aren't dropped."""
    facts = facts_of(model, x)
    dropped = set(model.features_to_drop_)
    kept = [place for place, name in enumerate(facts.names) if name not in dropped]
    if not kept:
        raise NotCompilable("all columns are dropped")
    names = [facts.names[place] for place in kept]
    return {"transform": blocks.together(graph, [blocks.chosen(graph, x, kept)], names)}


@converts(*IMPUTERS)
def imputer(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert an imputer: one value for the gaps of each column."""
    facts = facts_of(model, x)
    if getattr(model, "return_object", False):
        raise NotCompilable(f"{type(model).__qualname__} has return_object")
    parts = [
        _filled(graph, x, places, facts, numeric=key == "numbers")
        if key
        else blocks.chosen(graph, x, places)
        for key, places in runs([_kind(facts, x, place) for place in range(len(facts.names))])
    ]
    return {"transform": blocks.together(graph, parts, facts.names)}


def runs(keys: list[Any]) -> list[tuple[Any, list[int]]]:
    """Return runs of equal keys, each with its places."""
    found: list[tuple[Any, list[int]]] = []
    for place, key in enumerate(keys):
        if found and found[-1][0] == key:
            found[-1][1].append(place)
        else:
            found.append((key, [place]))
    return found


def _kind(facts: Facts, x: Value, place: int) -> str:
    """Return how a column is filled: as numbers, as anything, or not at all."""
    if place not in facts.filled:
        return ""
    is_float = x.kind == "matrix" or (x.types is not None and x.types[place].kind == "float")
    return "numbers" if is_float and isinstance(facts.filled[place], int | float) else "rows"


def _filled(graph: Graph, x: Value, places: list[int], facts: Facts, *, numeric: bool) -> Value:
    values = [_plain(facts.filled[place]) for place in places]
    if numeric:
        operation = filling.Fill(float("nan"), np.array(values, dtype=np.float64))
        return graph.add(operation, blocks.numbers(graph, x, places), width=len(places))
    seen = blocks.rows(graph, x, places)
    value = graph.add(tables.FillGaps(tuple(values)), seen, kind="rows", width=len(places))
    return replace(value, types=seen.types)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


@converts(imputation.AddMissingIndicator)
def indicator(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert an indicator of missing values, which is put behind the columns."""
    facts = facts_of(model, x)
    places = [facts.names.index(name) for name in model.variables_]
    if not places:
        return {"transform": x}
    gaps = graph.add(tables.Gaps(), blocks.rows(graph, x, places), width=len(places))
    names = model.get_feature_names_out()
    return {"transform": blocks.together(graph, [x, gaps], names)}


@converts(Pipeline)
def pipeline(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert feature-engine's own pipeline, which drops rows at the fit alone."""
    return pipelines.pipeline(model, graph, x)
