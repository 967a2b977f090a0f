"""Converters of simple imputers and of missing-value indicators."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer

from modelmount_compiler.column_types import BOOLEAN
from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.preprocessing import column_transformer
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.preprocessing import imputation
from modelmount_compiler.program.operations.preprocessing.column_types import is_nan


def marker(imputer: Any) -> Any:
    """Return the value that stands for a missing one: NaN, None, a number or a string."""
    value = imputer.missing_values
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, str | int | float | None):
        raise NotCompilable(f"missing values are marked by {value!r}")
    return value


def number(imputer: Any) -> float:
    """Return the number that stands for a missing one."""
    value = marker(imputer)
    if value is None or isinstance(value, str):
        raise NotCompilable(f"missing numbers are marked by {value!r}")
    return float(value)


def matrix(graph: Graph, x: Value, imputer: Any) -> Value:
    """Return `x` as a checked matrix; NaN is allowed if it is the marker."""
    return coercion.matrix(graph, x, allows_missing=is_nan(number(imputer)))


def indicated(graph: Graph, filled: Value, x: Value, imputer: Any) -> Value:
    """Append the columns that indicate missing values, if the imputer adds them."""
    if not imputer.add_indicator:
        return filled
    return coercion.concatenate(graph, [filled, indicator(graph, x, imputer, imputer.indicator_)])


def indicator(graph: Graph, x: Value, imputer: Any, found: MissingIndicator) -> Value:
    """Add booleans that indicate missing values in the columns of the indicator."""
    refuses = found.features == "missing-only" and found.error_on_new
    places = np.asarray(found.features_, dtype=np.intp)
    if x.kind == "matrix":
        operation = imputation.Missing(number(imputer), places, refuses)
        return graph.add(operation, x, width=len(places))
    frame = x.names is not None and graph.infers_types
    rows = imputation.MissingRows(marker(imputer), frame, tuple(places.tolist()), refuses)
    names = tuple(map(str, places))  # columns of booleans with names, as in a data frame
    value = graph.add(rows, x, kind="rows", width=len(places), names=names)
    types = None if graph.infers_types else (BOOLEAN,) * len(places)
    return replace(value, types=types)


@converts(SimpleImputer)
def simple(imputer: SimpleImputer, graph: Graph, x: Value) -> Outputs:
    """Convert a simple imputer; columns without any value at the fit are dropped."""
    numeric = imputer._fit_dtype.kind != "O"
    if x.kind == "sparse":
        raise NotCompilable("SimpleImputer of sparse values")
    learned = numeric and imputer.strategy not in ("most_frequent", "constant")
    if x.kind == "matrix" and not numeric:
        raise NotCompilable("SimpleImputer was fitted on objects and gets numbers")
    if x.kind == "matrix" or learned or (numeric and x.holds_numbers):
        x = matrix(graph, x, imputer)
        operation: Any = imputation.Fill(number(imputer), imputer.statistics_.astype(np.float64))
    else:
        frame = x.names is not None and graph.infers_types
        operation = _fill_rows(imputer, frame=frame, numeric=numeric)
    names = x.names if numeric else None  # otherwise the result is an array of objects
    filled = graph.add(operation, x, kind=x.kind, width=x.width, names=names)
    types = x.types if filled.kind == "rows" and numeric else None
    filled = replace(filled, by_column=x.by_column or x.names is not None, types=types)
    return {"transform": indicated(graph, _kept(graph, filled, imputer), x, imputer)}


def _fill_rows(imputer: SimpleImputer, *, frame: bool, numeric: bool) -> imputation.FillRows:
    # Columns whose statistic is NaN are dropped afterwards, so their value doesn't matter.
    values = [0 if is_nan(v) else v for v in imputer.statistics_.tolist()]
    fill_dtype = releases.fill_dtype(imputer)
    values = np.array(values, dtype=object).astype(fill_dtype).tolist()
    fractional = imputer.strategy == "constant" and fill_dtype.kind == "f"
    return imputation.FillRows(marker(imputer), tuple(values), frame, numeric, fractional)


def _kept(graph: Graph, filled: Value, imputer: SimpleImputer) -> Value:
    kept = [i for i, value in enumerate(imputer.statistics_.tolist()) if not is_nan(value)]
    if getattr(imputer, "keep_empty_features", False) or len(kept) == len(imputer.statistics_):
        return filled
    return column_transformer.select(graph, filled, kept)


@converts(MissingIndicator)
def missing_indicator(found: MissingIndicator, graph: Graph, x: Value) -> Outputs:
    """Convert a missing-value indicator."""
    if x.kind == "sparse" or found.sparse is True:
        raise NotCompilable("MissingIndicator of sparse values")
    if x.kind == "matrix":
        x = matrix(graph, x, found)
    return {"transform": indicator(graph, x, found, found)}
