"""Puts the columns of a table together again, after some of them were changed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from modelmount_compiler.column_types import FLOAT, ColumnType
from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Value
from modelmount_compiler.convert.sklearn.preprocessing import column_transformer
from modelmount_compiler.program.operations.preprocessing import tables


def chosen(graph: Graph, x: Value, places: Sequence[int]) -> Value:
    """Return some columns; all of them in order are the value itself."""
    if x.width is not None and list(places) == list(range(x.width)):
        return x
    if x.blocks and (inside := _block_of(x, places)) is not None:
        block, first = inside
        return chosen(graph, block, [place - first for place in places])
    return column_transformer.select(graph, x, places)


def _block_of(x: Value, places: Sequence[int]) -> tuple[Value, int] | None:
    """Return the block that holds all of some columns, and the place of its first one."""
    first = 0
    for block in x.blocks:
        if block.width is None:
            return None
        if all(first <= place < first + block.width for place in places):
            return block, first
        first += block.width
    return None


def numbers(graph: Graph, x: Value, places: Sequence[int]) -> Value:
    """Return some columns as a matrix that isn't checked."""
    return coercion.numbers(graph, chosen(graph, x, places))


def rows(graph: Graph, x: Value, places: Sequence[int]) -> Value:
    """Return some columns as rows of Python's values."""
    value = chosen(graph, x, places)
    if value.kind == "rows":
        return value
    if value.kind != "matrix":
        raise NotCompilable(f"{value.kind} in a table")
    return graph.add(tables.Listed(), value, kind="rows", width=value.width, names=value.names)


def together(graph: Graph, parts: Sequence[Value], names: Sequence[Any]) -> Value:
    """Return the parts side by side, as a table with these names."""
    if not parts:
        raise NotCompilable("a table without columns")
    texts = tuple(names) if all(isinstance(name, str) for name in names) else None
    named, first = [], 0
    for part in parts:
        width = part.width or 0
        own = None if texts is None else texts[first : first + width]
        named.append(replace(part, names=own))
        first += width
    if first != len(names):
        raise NotCompilable(f"{first} columns, and {len(names)} names for them")
    value = coercion.concatenate(graph, named, texts)
    if value.kind == "matrix":
        return replace(coercion.by_column(graph, value), names=texts)
    known = [_types(part) for part in named]
    all_known = tuple(found for each in known for found in each or ())
    types = all_known if texts is not None and None not in known else None
    return replace(value, names=texts, types=types, by_column=True)


def _types(part: Value) -> tuple[ColumnType, ...] | None:
    return (FLOAT,) * (part.width or 0) if part.kind == "matrix" else part.types
