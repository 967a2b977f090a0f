"""Describes an estimator: its input, its methods and its classes."""

import warnings
from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import boosting, third_party
from modelmount_compiler.frameworks.sklearn.columns import column_types
from modelmount_compiler.frameworks.sklearn.input_kinds import (
    kind_of,
    unused_columns,
    width_of,
)
from modelmount_compiler.frameworks.sklearn.input_types import column_names, input_converter
from modelmount_compiler.frameworks.sklearn.introspection import nested_estimators
from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import METHODS, Method, Signature

# Transformers of labels, which are their input.
LABELS = ("LabelBinarizer", "LabelEncoder")
# Logarithms refuse 0, logits refuse 1.
FILLS = (0.0, 1.0, 0.5)


def describe(loaded: BaseEstimator) -> Signature:
    """Read an estimator's attributes, and call it on one row.

    Raises:
        ModelRejected: it isn't fitted, or has none of the methods in `METHODS`.
    """
    methods = _methods(loaded)
    columns = column_names(loaded)
    kind = kind_of(loaded, columns)
    n_features = width_of(loaded, columns)
    accepts_some = any(_accepts(loaded, methods[0], n_features, fill) for fill in FILLS)
    takes_numbers = accepts_some and not _was_fitted_on_strings(loaded)
    names = tuple(map(str, columns)) if kind == "frame" else None
    has_columns = kind in ("frame", "matrix") and n_features is not None
    types = column_types(loaded, n_features or 0, names) if has_columns else None
    if names is None and takes_numbers:  # doubles hold all of them but long identifiers
        takes_numbers = not any(_is_wide(found) for found in types or ())
        types = None if takes_numbers else types
    signature = Signature(
        input=kind,
        dtype="number" if takes_numbers else "any",
        n_features=n_features,
        columns=names,
        allows_missing=not takes_numbers or _accepts(loaded, methods[0], n_features, np.nan),
        methods=methods,
        classes=outputs.labels(getattr(loaded, "classes_", None)) or None,  # CatBoost's may be []
        column_types=types,
    )
    if signature.columns is not None:
        signature = replace(signature, optional=unused_columns(loaded, signature.columns))
    input_converter(loaded, signature)  # raises if the types of the columns are unknown
    return signature


def _methods(loaded: BaseEstimator) -> tuple[Method, ...]:
    """Return the methods of a fitted estimator; raises `ModelRejected`."""
    library = boosting.library_of(loaded)
    try:
        # A booster can be older than the tags of estimators that scikit-learn asks for.
        if library is None or not library.is_fitted(loaded):
            check_is_fitted(loaded)
    except NotFittedError as error:
        raise ModelRejected("NOT_FITTED", f"{error} Fit it, then save it again.") from error
    except TypeError as error:
        raise ModelRejected("NOT_A_MODEL", str(error)) from error
    methods: tuple[Method, ...] = tuple(m for m in METHODS if hasattr(loaded, m))
    if not methods:
        offered = ", ".join(METHODS)
        name = type(loaded).__name__
        raise ModelRejected("NOT_A_MODEL", f"{name} has none of the methods {offered}.")
    return methods


def _accepts(estimator: BaseEstimator, method: Method, n_features: int | None, fill: float) -> bool:
    """Whether a method accepts one row full of a value; the estimator's tags don't tell."""
    if n_features is None:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(estimator, method)(np.full((1, n_features), fill))
    except Exception:
        return False
    return True


def _is_wide(found: ColumnType) -> bool:
    return found.kind == "integer" and found.dtype_with_null == "object"


def _was_fitted_on_strings(estimator: object) -> bool:
    """Whether any nested estimator was fitted on values that aren't numbers."""
    for nested in nested_estimators(estimator):
        learned = [*getattr(nested, "categories_", ()), getattr(nested, "statistics_", None)]
        if type(nested).__name__ in LABELS and nested is estimator:
            learned.append(getattr(nested, "classes_", None))
        if (found := third_party.facts(nested)) is not None:
            learned += [
                *map(np.asarray, found.learned.values()),
                *map(np.asarray, found.filled.values()),
            ]
        if any(getattr(a, "dtype", np.dtype(float)).kind in "OUST" for a in learned):
            return True
    return False
