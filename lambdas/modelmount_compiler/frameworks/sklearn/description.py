"""Describes an estimator: its input, its methods and its classes."""

import warnings

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.sklearn.columns import column_types
from modelmount_compiler.frameworks.sklearn.input_types import column_names, input_converter
from modelmount_compiler.frameworks.sklearn.introspection import first_step, nested_estimators
from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import METHODS, Method, Signature


def describe(loaded: BaseEstimator) -> Signature:
    """Read an estimator's attributes, and call it on one row.

    Raises:
        ModelRejected: it isn't fitted, or has none of the methods in `METHODS`.
    """
    methods = _methods(loaded)
    # Isotonic regression takes one column, and is the only estimator that doesn't say so.
    n_features = 1 if hasattr(loaded, "X_thresholds_") else getattr(loaded, "n_features_in_", None)
    columns = column_names(loaded)
    takes_text = hasattr(first_step(loaded), "build_analyzer")
    accepts_zeros = _accepts(loaded, methods[0], n_features, 0.0)
    takes_numbers = accepts_zeros and not _was_fitted_on_strings(loaded)
    names = None if columns is None else tuple(str(name) for name in columns)
    width = n_features if names is None else len(names)  # CatBoost's pickles lack the number
    types = None if takes_text or width is None else column_types(loaded, width, names)
    if names is None and takes_numbers:  # doubles hold all of them but long identifiers
        takes_numbers = not any(_is_wide(found) for found in types or ())
        types = None if takes_numbers else types
    signature = Signature(
        input="text" if takes_text else "matrix" if columns is None else "frame",
        dtype="number" if takes_numbers else "any",
        n_features=None if n_features is None else int(n_features),
        columns=names,
        allows_missing=not takes_numbers or _accepts(loaded, methods[0], n_features, np.nan),
        methods=methods,
        classes=outputs.labels(getattr(loaded, "classes_", None)) or None,  # CatBoost's may be []
        column_types=types,
    )
    input_converter(loaded, signature)  # raises if the types of the columns are unknown
    return signature


def _methods(loaded: BaseEstimator) -> tuple[Method, ...]:
    """Return the methods of a fitted estimator; raises `ModelRejected`."""
    try:
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
        if any(getattr(a, "dtype", np.dtype(float)).kind in "OUST" for a in learned):
            return True
    return False
