"""Converters of polynomial features and splines."""

from typing import Any

import numpy as np
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.preprocessing.nonlinear_transforms import as_sparse
from modelmount_compiler.program.operations.preprocessing import polynomials


@converts(PolynomialFeatures)
def polynomial(transformer: PolynomialFeatures, graph: Graph, x: Value) -> Outputs:
    """Convert polynomial features; each product is computed as by the original."""
    lowest, highest = transformer._min_degree, transformer._max_degree
    count, bias = transformer.n_features_in_, bool(transformer.include_bias)
    if highest == 0:
        raise NotCompilable("PolynomialFeatures of degree 0")
    earlier, factors = _products(count, highest, transformer.interaction_only)
    width, order = int(transformer.n_output_features_), transformer.order
    products = tuple(earlier), tuple(factors)
    operation = polynomials.Powers(bias, *products, lowest, width, order)
    value = graph.add(operation, coercion.matrix(graph, x), width=width)
    return {"transform": as_sparse(graph, value, is_sparse=x.kind == "sparse")}


def _products(count: int, highest: int, distinct: bool) -> tuple[list[Any], list[Any]]:
    """List the factors of each product, for each degree from 2.

    A column multiplies the products that begin with itself or with a later column. If columns must
    be distinct, it multiplies those that begin with a later column.

    Args:
        count: number of columns.
        highest: the highest degree.
        distinct: whether a product has each column at most once.

    Returns:
        for each degree, indices of products of the degree before it, and columns.
    """
    first = list(range(count))  # the first column of each product
    earlier, factors = [], []
    for _ in range(2, highest + 1):
        pairs = [
            (position, column)
            for column in range(count)
            for position, least in enumerate(first)
            if least > column or (least == column and not distinct)
        ]
        earlier.append(np.array([position for position, _ in pairs], dtype=np.intp))
        factors.append(np.array([column for _, column in pairs], dtype=np.intp))
        first = [column for _, column in pairs]
    return earlier, factors


@converts(SplineTransformer)
def spline(transformer: SplineTransformer, graph: Graph, x: Value) -> Outputs:
    """Convert a spline transformer: B-spline functions of each column."""
    degree, outside = transformer.degree, transformer.extrapolation
    knots = np.stack([s.t for s in transformer.bsplines_])
    if degree == 0 and outside == "constant":
        raise NotCompilable("SplineTransformer of degree 0 with constant extrapolation")
    if outside == "periodic" and not (knots[:, degree] < knots[:, -degree - 1]).all():
        raise NotCompilable("SplineTransformer has a column without a period")
    missing = getattr(transformer, "handle_missing", "error") == "zeros"  # from 1.8 on
    gives_sparse = getattr(transformer, "sparse_output", False)  # from 1.2 on
    if outside == "linear" and degree < 2 and len(knots) > 1:
        raise NotCompilable("SplineTransformer of degree 0 or 1 with linear extrapolation")
    if missing and gives_sparse:
        raise NotCompilable("SplineTransformer of missing values with sparse output")
    functions = transformer.bsplines_[0].c.shape[1]
    kept = functions if transformer.include_bias else functions - 1
    slopes = _slopes(transformer, functions) if outside == "linear" else np.zeros((2, 1, 1))
    order: Any = transformer.order if transformer.include_bias else "F"  # dropped columns give F
    operation = polynomials.Splines(knots, degree, outside, slopes, kept, order)
    value = coercion.numbers(graph, x) if missing else coercion.matrix(graph, x)
    value = graph.add(operation, value, width=len(knots) * kept)
    return {"transform": as_sparse(graph, value, is_sparse=gives_sparse)}


def _slopes(transformer: SplineTransformer, functions: int) -> Any:
    """Return the derivatives at both ends, for the functions that don't end there."""
    degree = transformer.degree
    slopes = np.zeros((2, len(transformer.bsplines_), functions))
    ending = degree + 1 if degree <= 1 else degree
    for column, basis in enumerate(transformer.bsplines_):
        low, high = basis.t[degree], basis.t[-degree - 1]
        slopes[0, column, :ending] = basis(low, nu=1)[:ending]
        slopes[1, column, functions - ending :] = basis(high, nu=1)[functions - ending :]
    return slopes
