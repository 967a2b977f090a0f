"""What scikit-learn's transformers tell about their columns."""

from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from modelmount_compiler.column_types import ANY, FLOAT, ColumnType, Null
from modelmount_compiler.frameworks.sklearn.columns import categories
from modelmount_compiler.frameworks.sklearn.columns.evidence import Evidence, Places

# A text without which a vectorizer has nothing to read.
TEXT = ColumnType("string", "str", "refused")


def note(step: Any, places: Places, evidence: Evidence) -> Places | None:
    """Note what a transformer tells about its columns.

    Returns:
        the places of the columns that it gives, see `routing.follow`; None for other estimators.
    """
    if hasattr(step, "categories_") and not hasattr(step, "classes_"):
        return _encoder(step, places, evidence)
    name = type(step).__name__
    if name in ("LabelBinarizer", "LabelEncoder"):
        evidence.learned(places[0], step.classes_)
        return ()
    if name == "TargetEncoder":
        return _encoder(step, places, evidence)
    if name == "SimpleImputer":
        return _imputer(step, places, evidence)
    if name == "MissingIndicator":
        for place in places:
            evidence.filled(place, ANY, _marker(step.missing_values))
        return ()
    if isinstance(step, FunctionTransformer):
        return _function(step, places, evidence)
    return None


def note_text(step: Any, places: Places, evidence: Evidence) -> None:
    """Note a column that a transformer gets by itself, as texts."""
    if hasattr(step, "build_analyzer") or hasattr(_first(step), "build_analyzer"):
        for place in places:
            evidence.typed(place, TEXT)


def _first(step: Any) -> Any:
    return _first(step.steps[0][1]) if hasattr(step, "steps") else step


def _encoder(step: Any, places: Places, evidence: Evidence) -> Places:
    for place, values in zip(places, step.categories_, strict=False):
        evidence.learned(place, values)
    return ()


def _imputer(step: Any, places: Places, evidence: Evidence) -> Places:
    """Note an imputer: it gives its columns on, except those without a value at the fit."""
    null = _marker(step.missing_values)
    kept = []
    for place, value in zip(places, step.statistics_.tolist(), strict=False):
        evidence.filled(place, _type_of(value, step), null)
        if (
            getattr(step, "keep_empty_features", False)
            or value is None
            or not categories.is_missing(value)
        ):
            kept.append(place)
    return kept


def _type_of(value: Any, step: Any) -> ColumnType:
    if step._fit_dtype.kind != "O":
        return FLOAT
    if isinstance(value, str):
        return ColumnType("string", "str")
    if isinstance(value, bool):
        return ColumnType("boolean", "object")
    return FLOAT if isinstance(value, int | float) else ANY


def _marker(value: Any) -> Null | None:
    """Return what null becomes so that an imputer sees it; None for a mark that null can't be."""
    if value is None:
        return "none"
    if type(value).__name__ == "NAType":
        return "na"
    return "nan" if isinstance(value, float) and np.isnan(value) else None


def _function(step: FunctionTransformer, places: Places, evidence: Evidence) -> Places:
    if step.func is None:
        return places
    if isinstance(step.func, np.ufunc):
        evidence.numbers(places)
    return ()
