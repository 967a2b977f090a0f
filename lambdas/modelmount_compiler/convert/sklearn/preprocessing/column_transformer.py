"""Converters of column transformers and feature unions, and the selection of columns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.program.operation import Kind
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.preprocessing import columns, rows, scaling
from modelmount_compiler.program.program import Operation


def select(graph: Graph, x: Value, places: Sequence[int], *, sliced: bool = False) -> Value:
    """Add a selection of columns by position, in the given order.

    Args:
        graph: the graph to add to.
        x: the value to select from.
        places: positions of the columns.
        sliced: whether the original has a view of the columns instead of a copy.
    """
    chosen = tuple(int(position) for position in places)
    names = None if x.names is None else tuple(x.names[position] for position in chosen)
    if sliced and x.kind == "matrix":
        view = columns.Slice(chosen[0], chosen[-1] + 1)
        return graph.add(view, x, width=len(chosen), names=names)
    operation, kind = _selection(x, chosen)
    value = graph.add(operation, x, kind=kind, width=len(chosen), names=names)
    types = None if x.types is None else tuple(x.types[position] for position in chosen)
    return replace(value, by_column=x.by_column or not sliced, types=types)


def _selection(x: Value, chosen: tuple[int, ...]) -> tuple[Operation, Kind]:
    ascending = all(a < b for a, b in pairwise(chosen))
    if x.kind == "rows":
        return rows.Select(chosen), "rows"
    if x.kind == "sparse" and x.width is not None and ascending:
        places = np.full(x.width, -1)
        places[list(chosen)] = np.arange(len(chosen))
        return sparse.Select(places, len(chosen)), "sparse"
    if x.kind != "matrix":
        raise NotCompilable(f"columns of {x.kind}")
    return columns.Take(np.array(chosen, dtype=np.intp)), "matrix"


def _column(graph: Graph, x: Value, position: int) -> Value:
    """Add one column as a list of texts; a bare name instead of a list selects it."""
    if x.kind != "rows":
        raise NotCompilable(f"a single column of {x.kind}; give its name in a list")
    return graph.add(rows.Column(position), x, kind="texts")


def _chosen(graph: Graph, x: Value, places: list[int], given: Any) -> Value:
    if np.isscalar(given):
        return _column(graph, x, places[0])
    sliced = isinstance(given, slice) and given.step in (None, 1)
    return select(graph, x, places, sliced=sliced)


def _transformed(step: object, graph: Graph, x: Value, weight: float | None, name: str) -> Value:
    if step == "passthrough":
        return x
    outputs = convert(step, graph, x)
    if "transform" not in outputs:
        raise NotCompilable(f"the transformer {name!r} has no compiled transform")
    value = outputs["transform"]
    return value if weight is None else _weighted(graph, value, float(weight))


def _weighted(graph: Graph, x: Value, weight: float) -> Value:
    if x.kind == "sparse":
        return graph.add(sparse.Times(weight), x, kind="sparse", width=x.width)
    return graph.add(scaling.Times(weight), coercion.numbers(graph, x), width=x.width)


@converts(ColumnTransformer)
def column_transformer(estimator: ColumnTransformer, graph: Graph, x: Value) -> Outputs:
    """Convert a column transformer; its columns are those that the fit resolved."""
    weights = estimator.transformer_weights or {}
    blocks = []
    for name, step, chosen in estimator.transformers_:
        places = list(estimator._transformer_to_input_indices[name])
        if step == "drop" or not places:
            continue
        selected = _chosen(graph, x, places, chosen)
        blocks.append(_transformed(step, graph, selected, weights.get(name), name))
    if not estimator.sparse_output_:
        blocks = [coercion.numbers(graph, b) if b.kind == "sparse" else b for b in blocks]
    return {"transform": _joined(graph, blocks, x)}


@converts(FeatureUnion)
def feature_union(estimator: FeatureUnion, graph: Graph, x: Value) -> Outputs:
    """Convert a feature union: each step takes the whole input."""
    weights = estimator.transformer_weights or {}
    blocks = [
        _transformed(step, graph, x, weights.get(name), name)
        for name, step in estimator.transformer_list
        if step != "drop"
    ]
    return {"transform": _joined(graph, blocks, x)}


def _joined(graph: Graph, blocks: list[Value], x: Value) -> Value:
    if not blocks:
        raise NotCompilable("all columns are dropped")
    framed = all(block.names is not None for block in blocks) and x.names is not None
    names = tuple(name for block in blocks for name in block.names or ()) if framed else None
    return coercion.concatenate(graph, blocks, names)
