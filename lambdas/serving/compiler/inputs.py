"""What estimators do with their input before anything else: check it and make it an array."""

from serving.compiler.graph import Graph, NotCompilable, Value
from serving.program import scaling


def matrix(graph: Graph, x: Value, *, allows_missing: bool = False) -> Value:
    """Return `x` as a matrix that passed the original's check for NaN and infinity."""
    if x.kind != "matrix":
        raise NotCompilable(f"{x.kind} where numbers are expected")
    return graph.add(scaling.Finite(allows_missing), x, width=x.width, names=x.names)
