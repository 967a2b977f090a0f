"""Converters of scalers."""

from sklearn.preprocessing import StandardScaler

from serving.compiler import inputs
from serving.compiler.converters import converts
from serving.compiler.graph import Graph, Outputs, Value
from serving.program import scaling


@converts(StandardScaler)
def standard(scaler: StandardScaler, graph: Graph, x: Value) -> Outputs:
    """(x - mean) / scale, by column; NaN passes through."""
    value = inputs.matrix(graph, x, allows_missing=True)
    if scaler.with_mean:
        value = graph.add(scaling.Shift(scaler.mean_), value, width=x.width)
    if scaler.with_std:
        value = graph.add(scaling.Divide(scaler.scale_), value, width=x.width)
    return {"transform": value}
