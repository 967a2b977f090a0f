"""Converters of power transforms, quantile transforms and discretizers."""

import numpy as np
from scipy import stats
from sklearn.preprocessing import KBinsDiscretizer, PowerTransformer, QuantileTransformer
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
    scaling,
)


@converts(PowerTransformer)
def power(transformer: PowerTransformer, graph: Graph, x: Value) -> Outputs:
    """Convert a power transform; its output is standardized if set so."""
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
    """Convert a quantile transform to a uniform or to a normal distribution."""
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
    """Convert a discretizer: bin numbers, or a one in the column of the bin."""
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
    return {"transform": as_sparse(graph, value, is_sparse=transformer.encode == "onehot")}


def as_sparse(graph: Graph, x: Value, *, is_sparse: bool) -> Value:
    """Return `x` as a sparse matrix if the original's output is sparse."""
    return graph.add(sparse.Compress(), x, kind="sparse", width=x.width) if is_sparse else x
