"""How many columns the objects of a chain take and give, and what these are called."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.sklearn.input_kinds import kind_of, width_of
from modelmount_compiler.frameworks.sklearn.input_types import column_names
from modelmount_compiler.signature import InputKind

SAMPLES: dict[str, list[Any]] = {
    "text": ["a"],
    "records": [{"a": 1.0}],
    "pairs": [[("a", 1.0)]],
    "tokens": [["a"]],
}
# Scalers and the like: each column comes out at its place.
ONE_TO_ONE = (
    *("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Normalizer"),
    *("PowerTransformer", "QuantileTransformer", "OrdinalEncoder", "KNNImputer", "Binarizer"),
)


def names_of(estimator: Any) -> list[str] | None:
    """Return the names of the columns that an object was fitted with, or None."""
    found = column_names(estimator)
    if found is None and boosting.library_of(estimator) is None:
        found = getattr(estimator, "feature_names_in_", None)
    return None if found is None else [str(name) for name in found]


def kind_taken(estimator: Any) -> InputKind:
    """Return the kind of input that an object takes."""
    return kind_of(estimator, names_of(estimator))


def taken(estimator: Any) -> int | None:
    """Return how many columns an object takes; None where it takes no columns, or doesn't say."""
    if kind_taken(estimator) in SAMPLES:
        return None
    return width_of(estimator, names_of(estimator))


def given(step: Any) -> int | None:
    """Return how many columns a step gives; None where it doesn't say."""
    if type(step).__name__ in ONE_TO_ONE:
        return taken(step)
    try:
        return len(step.get_feature_names_out())
    except Exception:  # of any kind: not every step has names to give
        return _tried(step)


def _tried(step: Any) -> int | None:
    """Return how many columns come of a plain row; None where it takes none."""
    width = taken(step)
    sample: Any = SAMPLES.get(kind_taken(step))
    if sample is None and width is not None:
        sample = np.full((1, width), 0.5)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names
            return int(step.transform(sample).shape[1])
    except Exception:  # it takes other values
        return None


def names_given(step: Any, names: Sequence[str]) -> list[str]:
    """Return the names of the columns that come of a step on columns of these names."""
    if type(step).__name__ in ONE_TO_ONE and given(step) == len(names):
        return list(names)
    try:
        fitted = names_of(step)
        found = step.get_feature_names_out(None if fitted is not None else list(names))
        return [str(name) for name in found]
    except Exception:  # it has none of its own
        width = given(step) or 0
        return list(names) if width == len(names) else [f"{names[0]}_{i}" for i in range(width)]
