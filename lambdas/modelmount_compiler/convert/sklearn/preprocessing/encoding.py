"""Converters of encoders of categories: the encoder itself is asked what it gives for each."""

import copy
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations.preprocessing import encoding
from modelmount_compiler.program.operations.preprocessing.column_types import is_nan

UNKNOWN = "\0 no category at all \0"


def _scalars(categories: NDArray[Any]) -> NDArray[np.object_]:
    """Return categories as Python's own values."""
    values = np.empty(len(categories), dtype=object)
    values[:] = [v.item() if isinstance(v, np.generic) else v for v in categories]
    return values


def _answers(encoder: Any, categories: list[NDArray[np.object_]]) -> Any:  # noqa: ANN401
    """Return what the encoder gives for each category of each column, and for unknown ones.

    Row i has the i-th category of every column, as far as it has so many. The last row has unknown
    ones; there is none where they are refused.
    """
    count = max(map(len, categories))
    batch = np.empty((count, len(categories)), dtype=object)
    for column, values in enumerate(categories):
        batch[:, column] = [values[min(i, len(values) - 1)] for i in range(count)]
    asked = copy.copy(encoder).set_output(transform="default")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names and unknown ones
        known = asked.transform(batch)
        try:
            return known, asked.transform(np.full((1, len(categories)), UNKNOWN, dtype=object))
        except ValueError:
            return known, None


def _codes(
    encoder: Any,  # noqa: ANN401
    graph: Graph,
    x: Value,
    codes: list[NDArray[Any]],
    unknown: list[Any] | None,
) -> Value:
    """Add the look-up of each value's code."""
    frame = x.kind == "rows" and x.names is not None
    categories = tuple(map(_scalars, encoder.categories_))
    for values in categories:
        if not all(isinstance(v, str | int | float | bool | None) for v in values):
            raise NotCompilable(f"{type(encoder).__qualname__} has categories that JSON hasn't")
        if frame and _numbers_as_objects(encoder):
            raise NotCompilable("numbers were categories in a column of objects")
    operation = encoding.Categories(
        categories, tuple(codes), None if unknown is None else tuple(unknown), frame
    )
    return graph.add(operation, coercion.scalars(graph, x), kind="codes")


def _numbers_as_objects(encoder: Any) -> bool:  # noqa: ANN401
    return any(
        a.dtype == object and any(isinstance(v, int | float) and not is_nan(v) for v in a)
        for a in encoder.categories_
    )


def _dtype(encoder: Any) -> str:  # noqa: ANN401
    """Return the name of the dtype that the encoder gives."""
    dtype = np.dtype(getattr(encoder, "dtype", np.float64))
    if dtype.kind not in "biu" and dtype != np.float64:
        raise NotCompilable(f"{type(encoder).__qualname__} gives {dtype}")
    return str(dtype)


@converts(OneHotEncoder)
def one_hot(encoder: OneHotEncoder, graph: Graph, x: Value) -> Outputs:
    """One in the column of each value's category; sparse where the original's is."""
    dtype = _dtype(encoder)
    asked = copy.copy(encoder)
    asked.sparse_output = True
    known, other = _answers(asked, [_scalars(c) for c in encoder.categories_])
    ends = np.cumsum([0, *encoder._n_features_outs])
    blocks = list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    codes = [
        _places(known, start, stop)[: len(c)]
        for (start, stop), c in zip(blocks, encoder.categories_, strict=True)
    ]
    unknown = None if other is None else [int(_places(other, a, b)[0]) for a, b in blocks]
    value = _codes(encoder, graph, x, codes, unknown)
    columns, width = len(blocks), int(ends[-1])
    if encoder.sparse_output:
        operation = encoding.SparseOneHot(columns, width, dtype)
        return {"transform": graph.add(operation, value, kind="sparse", width=width)}
    return {"transform": graph.add(encoding.OneHot(columns, width, dtype), value, width=width)}


def _places(marks: Any, start: int, stop: int) -> NDArray[np.int64]:  # noqa: ANN401 (a sparse matrix)
    """Return which column from `start` to `stop` is one, by row; -1 where none is."""
    rows, columns = marks.nonzero()
    places = np.full(marks.shape[0], -1)
    here = (columns >= start) & (columns < stop)
    places[rows[here]] = columns[here]
    return places


@converts(OrdinalEncoder)
def ordinal(encoder: OrdinalEncoder, graph: Graph, x: Value) -> Outputs:
    """The number of each value's category."""
    return {"transform": _one_number(encoder, graph, x)}


@converts(TargetEncoder)
def target(encoder: TargetEncoder, graph: Graph, x: Value) -> Outputs:
    """What the target was on average for each value's category; of many classes, for each class."""
    if encoder.target_type_ != "multiclass":
        return {"transform": _one_number(encoder, graph, x)}
    columns, classes = len(encoder.categories_), len(encoder.classes_)
    known, other = _answers(encoder, [_scalars(c) for c in encoder.categories_])
    sizes = [len(c) for c in encoder.categories_]
    blocks = [known[:size, i * classes : (i + 1) * classes] for i, size in enumerate(sizes)]
    table = np.concatenate([*blocks, other.reshape(columns, classes)])
    first = np.cumsum([0, *sizes])
    codes = [np.arange(a, a + size) for a, size in zip(first.tolist(), sizes, strict=False)]
    unknown = (first[-1] + np.arange(columns)).tolist()
    value = _codes(encoder, graph, x, codes, unknown)
    width = columns * classes
    return {"transform": graph.add(encoding.Embedding(columns, table), value, width=width)}


def _one_number(encoder: Any, graph: Graph, x: Value) -> Value:  # noqa: ANN401
    known, other = _answers(encoder, [_scalars(c) for c in encoder.categories_])
    columns = len(encoder.categories_)
    codes = [known[: len(c), i] for i, c in enumerate(encoder.categories_)]
    unknown = None if other is None else other[0].tolist()
    value = _codes(encoder, graph, x, codes, unknown)
    return graph.add(encoding.Ordinals(columns, _dtype(encoder)), value, width=columns)
