"""Converters of scalers, and of functions of single values."""

from typing import Any

import numpy as np
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operation import Vector
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.preprocessing import rows, scaling


def standardize(graph: Graph, x: Value, offset: Vector | None, scale: Vector | None) -> Value:
    """Add (x - offset) / scale, by column; None leaves a term out."""
    if offset is not None and scale is not None:
        return graph.add(scaling.Standardize(offset, scale), x, width=x.width)
    if offset is not None:
        return graph.add(scaling.Shift(offset), x, width=x.width)
    if scale is not None:
        return graph.add(scaling.Divide(scale), x, width=x.width)
    return x


def _times(graph: Graph, x: Value, factor: Vector | None) -> Value:
    if factor is None:
        return x
    return graph.add(sparse.Times(factor), x, kind="sparse", width=x.width)


@converts(StandardScaler)
def standard(scaler: StandardScaler, graph: Graph, x: Value) -> Outputs:
    """Convert a standard scaler: (x - mean) / scale, by column; NaN stays."""
    if x.kind == "sparse" and not scaler.with_mean:
        return {"transform": _times(graph, x, 1 / scaler.scale_ if scaler.with_std else None)}
    value = coercion.matrix(graph, x, allows_missing=True)
    offset = scaler.mean_ if scaler.with_mean else None
    return {"transform": standardize(graph, value, offset, scaler.scale_)}


@converts(RobustScaler)
def robust(scaler: RobustScaler, graph: Graph, x: Value) -> Outputs:
    """Convert a robust scaler: (x - median) / range of quantiles, by column; NaN stays."""
    scale = scaler.scale_ if scaler.with_scaling else None
    if x.kind == "sparse":
        return {"transform": _times(graph, x, None if scale is None else 1 / scale)}
    value = coercion.matrix(graph, x, allows_missing=True)
    offset = scaler.center_ if scaler.with_centering else None
    return {"transform": standardize(graph, value, offset, scale)}


@converts(MinMaxScaler)
def min_max(scaler: MinMaxScaler, graph: Graph, x: Value) -> Outputs:
    """Convert a min-max scaler: x * scale + min, by column, clipped if set so; NaN stays."""
    value = coercion.matrix(graph, x, allows_missing=True)
    value = graph.add(scaling.Stretch(scaler.scale_, scaler.min_), value, width=x.width)
    if scaler.clip:
        low, high = map(float, scaler.feature_range)
        value = graph.add(scaling.Clip(low, high), value, width=x.width)
    return {"transform": value}


@converts(MaxAbsScaler)
def max_abs(scaler: MaxAbsScaler, graph: Graph, x: Value) -> Outputs:
    """Convert a max-abs scaler: x / largest size, by column, clipped if set so; NaN stays."""
    clips = getattr(scaler, "clip", False)  # from 1.8 on
    if x.kind == "sparse":
        value = _times(graph, x, 1 / scaler.scale_)
        if clips:
            value = graph.add(sparse.Clip(), value, kind="sparse", width=x.width)
        return {"transform": value}
    value = coercion.matrix(graph, x, allows_missing=True)
    value = standardize(graph, value, None, scaler.scale_)
    if clips:
        value = graph.add(scaling.Clip(-1.0, 1.0), value, width=x.width)
    return {"transform": value}


@converts(Normalizer)
def normalizer(scaler: Normalizer, graph: Graph, x: Value) -> Outputs:
    """Convert a normalizer: rows divided by their norms."""
    if x.kind == "sparse":
        value = graph.add(sparse.Norm(scaler.norm), x, kind="sparse", width=x.width)
        return {"transform": value}
    value = coercion.matrix(graph, x)
    return {"transform": graph.add(scaling.Norm(scaler.norm), value, width=x.width)}


@converts(Binarizer)
def binarizer(scaler: Binarizer, graph: Graph, x: Value) -> Outputs:
    """Convert a binarizer: one above the threshold, otherwise zero."""
    threshold = float(scaler.threshold)
    if x.kind == "sparse" and threshold >= 0:
        value = graph.add(sparse.Positive(threshold), x, kind="sparse", width=x.width)
        return {"transform": value}
    value = coercion.matrix(graph, x)
    return {"transform": graph.add(scaling.Above(threshold), value, width=x.width)}


@converts(FunctionTransformer)
def function(transformer: FunctionTransformer, graph: Graph, x: Value) -> Outputs:
    """Convert a transformer that applies a NumPy function, or none."""
    if transformer.validate:
        x = coercion.matrix(graph, x, accepts_sparse=transformer.accept_sparse)
    if transformer.func is None:
        return {"transform": x}
    name = _ufunc_name(transformer)
    if x.kind == "rows":
        if x.names is None:
            raise NotCompilable(f"np.{name} of objects")
        return {"transform": graph.add(rows.Function(name), x, width=x.width)}
    if x.kind != "matrix":
        raise NotCompilable(f"np.{name} of {x.kind}")
    return {"transform": graph.add(scaling.Function(name), x, width=x.width)}


def _ufunc_name(transformer: FunctionTransformer) -> str:
    function: Any = transformer.func
    name = getattr(function, "__name__", repr(function))
    ufunc: object = getattr(np, name, None)
    if function is not ufunc or not isinstance(ufunc, np.ufunc):
        raise NotCompilable(
            f"FunctionTransformer calls {name}: a function of NumPy's own, such as np.log1p, is "
            "compiled, and no other"
        )
    if ufunc.nin != 1 or ufunc.nout != 1 or transformer.kw_args:
        raise NotCompilable(f"FunctionTransformer calls np.{name} with more than one argument")
    if ufunc(np.ones(1)).dtype != np.float64:
        raise NotCompilable(f"np.{name} doesn't give numbers")
    return str(name)
