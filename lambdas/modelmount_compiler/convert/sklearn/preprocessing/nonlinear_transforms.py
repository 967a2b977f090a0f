"""Converters of power and quantile transforms, bins, products of columns and splines."""

from typing import Any

import numpy as np
from scipy import stats
from sklearn.preprocessing import (
    KBinsDiscretizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    SplineTransformer,
)
from sklearn.preprocessing._data import BOUNDS_THRESHOLD

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.preprocessing.scaling import standardize
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.preprocessing import (
    binning,
    nonlinear_transforms,
    normal_quantiles,
    polynomials,
    scaling,
)


@converts(PowerTransformer)
def power(transformer: PowerTransformer, graph: Graph, x: Value) -> Outputs:
    """A power of each column, then made to have mean 0 and variance 1."""
    value = coercion.matrix(graph, x, allows_missing=True)
    form = (
        nonlinear_transforms.BoxCox
        if transformer.method == "box-cox"
        else nonlinear_transforms.YeoJohnson
    )
    value = graph.add(form(np.asarray(transformer.lambdas_)), value, width=x.width)
    if transformer.standardize:
        scaler = transformer._scaler
        value = graph.add(scaling.Finite(True), value, width=x.width)
        value = standardize(graph, value, scaler.mean_, scaler.scale_)
    return {"transform": value}


@converts(QuantileTransformer)
def quantile(transformer: QuantileTransformer, graph: Graph, x: Value) -> Outputs:
    """The share of training values below, or what has that share below it in a normal one."""
    if x.kind == "sparse":
        raise NotCompilable("QuantileTransformer of sparse values")
    is_normal = transformer.output_distribution == "normal"
    quantiles = np.ascontiguousarray(transformer.quantiles_.T)
    margin = BOUNDS_THRESHOLD if is_normal else 0.0
    value = coercion.matrix(graph, x, allows_missing=True)
    operation = nonlinear_transforms.Quantiles(quantiles, transformer.references_, margin)
    value = graph.add(operation, value, width=x.width)
    if is_normal:
        least = BOUNDS_THRESHOLD - np.spacing(1)
        low, high = (float(stats.norm.ppf(p)) for p in (least, 1 - least))
        value = graph.add(normal_quantiles.Normal(low, high), value, width=x.width)
    return {"transform": value}


@converts(KBinsDiscretizer)
def k_bins(transformer: KBinsDiscretizer, graph: Graph, x: Value) -> Outputs:
    """The number of each value's bin, or a one in the bin's column."""
    if transformer.dtype not in (None, np.float64):
        raise NotCompilable(f"KBinsDiscretizer gives {np.dtype(transformer.dtype)}")
    value = coercion.matrix(graph, x)
    edges = tuple(np.asarray(e[1:-1], dtype=np.float64) for e in transformer.bin_edges_)
    counts = np.asarray(transformer.n_bins_, dtype=np.float64)
    if transformer.encode == "ordinal":
        operation = binning.Bins(edges, np.zeros(len(edges)))
        return {"transform": graph.add(operation, value, width=len(edges))}
    value = graph.add(binning.Bins(edges, np.cumsum(counts) - counts), value)
    width = int(counts.sum())
    value = graph.add(binning.Mark(width), value, width=width)
    return {"transform": _compressed(graph, value, is_sparse=transformer.encode == "onehot")}


def _compressed(graph: Graph, x: Value, *, is_sparse: bool) -> Value:
    """Return `x` without its zeros where the original's has none."""
    return graph.add(sparse.Compress(), x, kind="sparse", width=x.width) if is_sparse else x


@converts(PolynomialFeatures)
def polynomial(transformer: PolynomialFeatures, graph: Graph, x: Value) -> Outputs:
    """Products of columns, each made of an earlier one as the original makes them."""
    lowest, highest = transformer._min_degree, transformer._max_degree
    count, bias = transformer.n_features_in_, bool(transformer.include_bias)
    if highest == 0:
        raise NotCompilable("PolynomialFeatures of degree 0")
    earlier, factors = _products(count, highest, transformer.interaction_only)
    width, order = int(transformer.n_output_features_), transformer.order
    products = tuple(earlier), tuple(factors)
    operation = polynomials.Powers(bias, *products, lowest, width, order)
    value = graph.add(operation, coercion.matrix(graph, x), width=width)
    return {"transform": _compressed(graph, value, is_sparse=x.kind == "sparse")}


def _products(count: int, highest: int, distinct: bool) -> tuple[list[Any], list[Any]]:
    """List for each degree from 2 which product of the degree before, times which column.

    A column multiplies the products of itself and columns after it; where columns must be
    distinct, those of columns after it.
    """
    first = list(range(count))  # the first column of each product
    earlier, factors = [], []
    for _ in range(2, highest + 1):
        pairs = [
            (place, column)
            for column in range(count)
            for place, least in enumerate(first)
            if least > column or (least == column and not distinct)
        ]
        earlier.append(np.array([place for place, _ in pairs], dtype=np.intp))
        factors.append(np.array([column for _, column in pairs], dtype=np.intp))
        first = [column for _, column in pairs]
    return earlier, factors


@converts(SplineTransformer)
def spline(transformer: SplineTransformer, graph: Graph, x: Value) -> Outputs:
    """B-spline functions of each column."""
    degree, outside = transformer.degree, transformer.extrapolation
    knots = np.stack([s.t for s in transformer.bsplines_])
    if degree == 0 and outside == "constant":
        raise NotCompilable("SplineTransformer of degree 0 with constant extrapolation")
    if outside == "periodic" and not (knots[:, degree] < knots[:, -degree - 1]).all():
        raise NotCompilable("SplineTransformer has a column without a period")
    missing = transformer.handle_missing == "zeros"
    if outside == "linear" and degree < 2 and len(knots) > 1:
        raise NotCompilable("SplineTransformer of degree 0 or 1 with linear extrapolation")
    if missing and transformer.sparse_output:
        raise NotCompilable("SplineTransformer of missing values with sparse output")
    functions = transformer.bsplines_[0].c.shape[1]
    kept = functions if transformer.include_bias else functions - 1
    slopes = _slopes(transformer, functions) if outside == "linear" else np.zeros((2, 1, 1))
    order: Any = transformer.order if transformer.include_bias else "F"  # it takes columns out
    operation = polynomials.Splines(knots, degree, outside, slopes, kept, order)
    value = coercion.numbers(graph, x) if missing else coercion.matrix(graph, x)
    value = graph.add(operation, value, width=len(knots) * kept)
    return {"transform": _compressed(graph, value, is_sparse=transformer.sparse_output)}


def _slopes(transformer: SplineTransformer, functions: int) -> Any:  # noqa: ANN401 (an array)
    """Return the derivatives at both ends of the functions that don't end there."""
    degree = transformer.degree
    slopes = np.zeros((2, len(transformer.bsplines_), functions))
    ending = degree + 1 if degree <= 1 else degree
    for column, basis in enumerate(transformer.bsplines_):
        low, high = basis.t[degree], basis.t[-degree - 1]
        slopes[0, column, :ending] = basis(low, nu=1)[:ending]
        slopes[1, column, functions - ending :] = basis(high, nu=1)[functions - ending :]
    return slopes
