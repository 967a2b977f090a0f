"""Converter of sklearn-pandas' mapper, which gives columns of a frame to transformers."""

from dataclasses import replace
from typing import Any

from sklearn_pandas import DataFrameMapper
from sklearn_pandas.pipeline import TransformerPipeline

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.convert.sklearn.meta import pipelines
from modelmount_compiler.convert.sklearn.preprocessing import column_transformer
from modelmount_compiler.program.operations.preprocessing import rows


@converts(TransformerPipeline)
def pipeline(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert the transformers of one entry, one after the other."""
    return pipelines.pipeline(model, graph, x)


@converts(DataFrameMapper)
def mapper(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a mapper; columns that it doesn't name are dropped."""
    if model.built_default is not False or model.df_out or model.sparse:
        raise NotCompilable("DataFrameMapper has default, df_out or sparse")
    if x.names is None or graph.infers_types:
        raise NotCompilable("DataFrameMapper of an array")
    blocks = [_entry(model, graph, x, *entry) for entry in model.built_features]
    blocks = [coercion.numbers(graph, b) if b.kind == "sparse" else b for b in blocks]
    return {"transform": replace(coercion.concatenate(graph, blocks), names=None)}


def _entry(
    model: Any, graph: Graph, x: Value, columns: Any, transformer: Any, options: dict[str, Any]
) -> Value:
    is_one = isinstance(columns, str)
    if not is_one and not isinstance(columns, list):
        raise NotCompilable("DataFrameMapper chooses columns by a function")
    places = [(x.names or ()).index(name) for name in ([columns] if is_one else columns)]
    taken = column_transformer.select(graph, x, places)
    if not options.get("input_df", model.input_df):
        taken = replace(taken, names=None)
    if transformer is None:
        return taken
    if is_one:
        if not _takes_texts(transformer):
            name = type(transformer).__qualname__
            raise NotCompilable(f"DataFrameMapper gives a single column to {name}")
        taken = graph.add(rows.Column(places[0]), x, kind="texts")
    outputs = convert(transformer, graph, taken)
    if "transform" not in outputs:
        raise NotCompilable(f"{type(transformer).__qualname__} has no compiled transform")
    return outputs["transform"]


def _takes_texts(transformer: Any) -> bool:
    steps = getattr(transformer, "steps", None)
    return hasattr(steps[0][1] if steps else transformer, "build_analyzer")
