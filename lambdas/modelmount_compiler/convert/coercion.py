"""Converts and checks values as estimators do with their input: by scikit-learn's `check_array`."""

from dataclasses import replace
from typing import Literal

from modelmount_compiler.convert.graph import Graph, NotCompilable, Value
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.preprocessing import columns, encoding, rows, scaling


def matrix(
    graph: Graph, x: Value, *, allows_missing: bool = False, accepts_sparse: bool = False
) -> Value:
    """Return `x` as a matrix, checked for NaN and infinity as the original does.

    Args:
        graph: the graph to add to.
        x: any value that can become a matrix.
        allows_missing: whether NaN is allowed.
        accepts_sparse: whether a sparse value stays sparse; it can be multiplied, but not filled.
    """
    if x.kind == "sparse" and accepts_sparse:
        return graph.add(sparse.Finite(allows_missing), x, kind="sparse", width=x.width)
    value = numbers(graph, x)
    return graph.add(scaling.Finite(allows_missing), value, width=x.width, names=x.names)


def numbers(graph: Graph, x: Value) -> Value:
    """Return `x` as a matrix, converted as NumPy does and not checked."""
    if x.kind == "matrix":
        return x
    if x.blocks:
        beside = concatenate(graph, [numbers(graph, block) for block in x.blocks])
        return by_column(graph, beside) if x.by_column else beside
    if x.kind == "rows":
        order: Literal["C", "F"] = "F" if x.by_column or x.names is not None else "C"
        return graph.add(rows.Numbers(order), x, width=x.width, names=x.names)
    if x.kind == "sparse":
        return _dense(graph, x)
    raise NotCompilable(f"{x.kind} where numbers are expected")


def by_column(graph: Graph, x: Value) -> Value:
    """Return a matrix column by column in memory, as a data frame has it."""
    return graph.add(columns.ByColumn(), x, width=x.width, names=x.names)


def _dense(graph: Graph, x: Value) -> Value:
    node = graph.producer(x)
    if node is not None and isinstance(node.operation, encoding.SparseOneHot):
        sparse_form = node.operation
        operation = encoding.OneHot(sparse_form.columns, sparse_form.width, sparse_form.dtype)
        return graph.add(operation, Value(node.inputs[0], "codes"), width=x.width)
    return graph.add(sparse.Dense(), x, width=x.width)


def rows_of_scalars(graph: Graph, x: Value) -> Value:
    """Return `x` as rows; a matrix is checked for infinity, as encoders do."""
    if x.kind == "rows":
        return x
    value = matrix(graph, x, allows_missing=True)
    return graph.add(rows.Lists(), value, kind="rows", width=x.width)


def concatenate(graph: Graph, blocks: list[Value], names: tuple[str, ...] | None = None) -> Value:
    """Concatenate the columns of several values; the result is sparse if one is, rows if one is."""
    kinds = {block.kind for block in blocks}
    if not kinds <= {"matrix", "rows", "sparse"}:
        raise NotCompilable(f"{', '.join(sorted(kinds))} side by side")
    if len(blocks) == 1:
        return blocks[0]
    widths = [block.width for block in blocks]
    width = None if None in widths else sum(w for w in widths if w is not None)
    if "sparse" in kinds:
        blocks = [b if b.kind == "sparse" else numbers(graph, b) for b in blocks]
        return graph.add(sparse.Beside(), *blocks, kind="sparse", width=width)
    if kinds == {"matrix"}:
        return graph.add(columns.Beside(), *blocks, width=width)
    value = graph.add(rows.Beside(), *blocks, kind="rows", width=width, names=names)
    return replace(value, blocks=tuple(blocks))


def answer(graph: Graph, x: Value) -> Value:
    """Return `x` as a method's answer; rows become an array of the original's dtype."""
    if x.kind != "rows":
        return x
    if x.blocks:
        return graph.add(columns.Beside(), *[answer(graph, block) for block in x.blocks])
    if x.holds_numbers:
        return numbers(graph, x)
    if x.types is not None:
        kinds = tuple(found.kind for found in x.types)
        exact = tuple(found.dtype_with_null != "float64" for found in x.types)
        return graph.add(rows.Typed(kinds, exact), x, kind="answer")
    frame = x.names is not None and graph.infers_types
    return graph.add(rows.Objects(frame), x, kind="answer")
