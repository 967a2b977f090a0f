"""Converters of category encoders; they call the encoder on each category for its code."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.preprocessing import encoding
from modelmount_compiler.program.operations.preprocessing.column_types import is_nan

UNKNOWN = "\0 no category at all \0"


def _scalars(categories: NDArray[Any]) -> NDArray[np.object_]:
    """Return categories as Python scalars."""
    values = np.empty(len(categories), dtype=object)
    values[:] = [v.item() if isinstance(v, np.generic) else v for v in categories]
    return values


def _answers(encoder: Any, categories: list[NDArray[np.object_]]) -> Any:
    """Call the encoder on the categories of all columns, and on unknown ones.

    Returns:
        an answer whose row i is for the i-th category of each column, and an answer to one row of
        unknown categories. The second is None if the encoder refuses unknown categories.
    """
    count = max(map(len, categories))
    batch = np.empty((count, len(categories)), dtype=object)
    for column, values in enumerate(categories):
        batch[:, column] = [values[min(i, len(values) - 1)] for i in range(count)]
    encoder = releases.with_arrays(encoder)
    unknown = np.full((1, len(categories)), UNKNOWN, dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names and of unknown categories
        answers = encoder.transform(batch)
        try:
            return answers, encoder.transform(unknown)
        except ValueError:
            return answers, None


def _codes(
    encoder: Any,
    graph: Graph,
    x: Value,
    codes: list[NDArray[Any]],
    unknown: list[Any] | None,
) -> Value:
    """Add an operation that looks up the code of each value."""
    frame = x.kind == "rows" and x.names is not None and graph.infers_types
    if any(a.dtype.kind in "mM" for a in encoder.categories_):
        raise NotCompilable(f"{type(encoder).__qualname__} has times as categories")
    categories = tuple(map(_scalars, encoder.categories_))
    for values in categories:
        if not all(isinstance(v, str | int | float | bool | None) for v in values):
            raise NotCompilable(f"{type(encoder).__qualname__} has categories that JSON hasn't")
        if frame and _numbers_as_objects(encoder):
            raise NotCompilable("numbers were categories in a column of objects")
    operation = encoding.Categories(
        categories, tuple(codes), None if unknown is None else tuple(unknown), frame
    )
    return graph.add(operation, coercion.rows_of_scalars(graph, x), kind="codes")


def _numbers_as_objects(encoder: Any) -> bool:
    return any(
        a.dtype == object and any(isinstance(v, int | float) and not is_nan(v) for v in a)
        for a in encoder.categories_
    )


def _dtype(encoder: Any) -> str:
    """Return the name of the encoder's output dtype."""
    dtype = np.dtype(getattr(encoder, "dtype", np.float64))
    if dtype.kind not in "biu" and dtype != np.float64:
        raise NotCompilable(f"{type(encoder).__qualname__} gives {dtype}")
    return str(dtype)


@converts(OneHotEncoder)
def one_hot(encoder: OneHotEncoder, graph: Graph, x: Value) -> Outputs:
    """Convert a one-hot encoder; the output is sparse if the original's is."""
    dtype = _dtype(encoder)
    of_each = [_scalars(c) for c in encoder.categories_]
    answers, unknown_answers = _answers(releases.with_sparse(encoder), of_each)
    ends = np.cumsum([0, *encoder._n_features_outs])
    blocks = list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    codes = [
        _places(answers, start, stop)[: len(c)]
        for (start, stop), c in zip(blocks, encoder.categories_, strict=True)
    ]
    unknown = (
        None
        if unknown_answers is None
        else [int(_places(unknown_answers, a, b)[0]) for a, b in blocks]
    )
    value = _codes(encoder, graph, x, codes, unknown)
    columns, width = len(blocks), int(ends[-1])
    if releases.gives_sparse(encoder):
        operation = encoding.SparseOneHot(columns, width, dtype)
        return {"transform": graph.add(operation, value, kind="sparse", width=width)}
    return {"transform": graph.add(encoding.OneHot(columns, width, dtype), value, width=width)}


def _places(one_hot: Any, start: int, stop: int) -> NDArray[np.int64]:  # a sparse matrix
    """Return the column between `start` and `stop` that is one in each row; -1 if none is."""
    rows, columns = one_hot.nonzero()
    places = np.full(one_hot.shape[0], -1)
    inside = (columns >= start) & (columns < stop)
    places[rows[inside]] = columns[inside]
    return places


@converts(OrdinalEncoder)
def ordinal(encoder: OrdinalEncoder, graph: Graph, x: Value) -> Outputs:
    """Convert an ordinal encoder: the number of each value's category."""
    return {"transform": _one_number(encoder, graph, x)}


@converts(*releases.classes("sklearn.preprocessing", "TargetEncoder"))
def target(encoder: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a target encoder: each category's mean target, for each class if there are many."""
    if encoder.target_type_ != "multiclass":
        return {"transform": _one_number(encoder, graph, x)}
    columns, classes = len(encoder.categories_), len(encoder.classes_)
    answers, unknown_answers = _answers(encoder, [_scalars(c) for c in encoder.categories_])
    sizes = [len(c) for c in encoder.categories_]
    blocks = [answers[:size, i * classes : (i + 1) * classes] for i, size in enumerate(sizes)]
    table = np.concatenate([*blocks, unknown_answers.reshape(columns, classes)])
    first = np.cumsum([0, *sizes])
    codes = [np.arange(a, a + size) for a, size in zip(first.tolist(), sizes, strict=False)]
    unknown = (first[-1] + np.arange(columns)).tolist()
    value = _codes(encoder, graph, x, codes, unknown)
    width = columns * classes
    return {"transform": graph.add(encoding.Embedding(columns, table), value, width=width)}


def _one_number(encoder: Any, graph: Graph, x: Value) -> Value:
    answers, unknown_answers = _answers(encoder, [_scalars(c) for c in encoder.categories_])
    columns = len(encoder.categories_)
    codes = [answers[: len(c), i] for i, c in enumerate(encoder.categories_)]
    unknown = None if unknown_answers is None else unknown_answers[0].tolist()
    value = _codes(encoder, graph, x, codes, unknown)
    return graph.add(encoding.Ordinals(columns, _dtype(encoder)), value, width=columns)
