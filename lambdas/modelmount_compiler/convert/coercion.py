"""What estimators do with their input before anything else: check it and make it an array."""

from dataclasses import replace
from typing import Literal

from modelmount_compiler.convert.graph import Graph, NotCompilable, Value
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.preprocessing import columns, encoding, rows, scaling


def matrix(
    graph: Graph, x: Value, *, allows_missing: bool = False, accepts_sparse: bool = False
) -> Value:
    """Return `x` as a matrix that passed the original's check for NaN and infinity.

    With `accepts_sparse`, a sparse value stays sparse: multiply it, don't fill it.
    """
    if x.kind == "sparse" and accepts_sparse:
        return graph.add(sparse.Finite(allows_missing), x, kind="sparse", width=x.width)
    value = numbers(graph, x)
    return graph.add(scaling.Finite(allows_missing), value, width=x.width, names=x.names)


def numbers(graph: Graph, x: Value) -> Value:
    """Return `x` as a matrix, unchecked: what NumPy makes of it."""
    if x.kind == "matrix":
        return x
    if x.parts:
        return beside(graph, [numbers(graph, part) for part in x.parts])
    if x.kind == "rows":
        order: Literal["C", "F"] = "F" if x.by_column or x.names is not None else "C"
        return graph.add(rows.Numbers(order), x, width=x.width, names=x.names)
    if x.kind == "sparse":
        return _dense(graph, x)
    raise NotCompilable(f"{x.kind} where numbers are expected")


def _dense(graph: Graph, x: Value) -> Value:
    node = graph.source_of(x)
    if node is not None and isinstance(node.operation, encoding.SparseOneHot):
        marks = node.operation
        operation = encoding.OneHot(marks.columns, marks.width, marks.dtype)
        return graph.add(operation, Value(node.inputs[0], "codes"), width=x.width)
    return graph.add(sparse.Dense(), x, width=x.width)


def scalars(graph: Graph, x: Value) -> Value:
    """Return `x` as rows; a matrix has passed the check for infinity, as encoders make it."""
    if x.kind == "rows":
        return x
    value = matrix(graph, x, allows_missing=True)
    return graph.add(rows.Lists(), value, kind="rows", width=x.width)


def beside(graph: Graph, parts: list[Value], names: tuple[str, ...] | None = None) -> Value:
    """Put the columns of several values side by side: sparse if one is, rows if one is."""
    kinds = {part.kind for part in parts}
    if not kinds <= {"matrix", "rows", "sparse"}:
        raise NotCompilable(f"{', '.join(sorted(kinds))} side by side")
    if len(parts) == 1:
        return parts[0]
    widths = [part.width for part in parts]
    width = None if None in widths else sum(w for w in widths if w is not None)
    if "sparse" in kinds:
        parts = [p if p.kind == "sparse" else numbers(graph, p) for p in parts]
        return graph.add(sparse.Beside(), *parts, kind="sparse", width=width)
    if kinds == {"matrix"}:
        return graph.add(columns.Beside(), *parts, width=width)
    value = graph.add(rows.Beside(), *parts, kind="rows", width=width, names=names)
    return replace(value, parts=tuple(parts))


def answer(graph: Graph, x: Value) -> Value:
    """Return `x` as a method's answer: rows as an array of what type the original's has."""
    if x.kind != "rows":
        return x
    if x.parts:
        return graph.add(columns.Beside(), *[answer(graph, part) for part in x.parts])
    return graph.add(rows.Objects(x.names is not None), x, kind="answer")
