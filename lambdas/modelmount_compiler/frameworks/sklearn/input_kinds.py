"""The kind of input that an estimator takes, by the estimators that receive it."""

from typing import Any

from sklearn.compose import ColumnTransformer

from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.sklearn.introspection import (
    learned,
    nested_estimators,
    receivers,
)
from modelmount_compiler.signature import InputKind

# Estimators that take one column, and don't say so.
ONE_COLUMN = ("IsotonicRegression", "LabelBinarizer", "LabelEncoder")
HASHED: dict[str, InputKind] = {"dict": "records", "pair": "pairs", "string": "tokens"}


def kind_of(estimator: object, columns: Any) -> InputKind:
    """Return the kind of input.

    Args:
        columns: the names that the estimator was fitted with, or None.
    """
    for receiver in receivers(estimator):
        kind = _kind(receiver)
        if kind is not None:
            return kind
    return "matrix" if columns is None else "frame"


def _kind(receiver: object) -> InputKind | None:
    """Return the kind of an estimator that takes neither a matrix nor a frame; else None."""
    if hasattr(receiver, "build_analyzer"):
        return "text"
    match type(receiver).__name__:
        case "DictVectorizer":
            return "records"
        case "FeatureHasher":
            return HASHED[receiver.input_type]  # type: ignore[attr-defined]  # by its name
        case "MultiLabelBinarizer":
            return "tokens"
    return None


def width_of(estimator: object, columns: Any) -> int | None:
    """Return how many values a row has; None where the estimator doesn't say."""
    if type(estimator).__name__ in ONE_COLUMN:
        return 1
    if columns is not None:
        return len(columns)
    names = learned(estimator, "feature_names_")
    if names is not None and boosting.library_of(estimator) is not None:
        return len(names)  # CatBoost counts no columns after it was pickled
    found = learned(estimator, "n_features_in_")
    return None if found is None else int(found)


def unused_columns(estimator: object, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that no receiver looks at: those that column transformers drop."""
    found = receivers(estimator)
    if not found or not all(isinstance(receiver, ColumnTransformer) for receiver in found):
        return ()
    if any(getattr(each, "passthrough", None) is True for each in nested_estimators(estimator)):
        return ()  # a stack's last estimator gets the input, too
    used = set().union(*(_used(receiver) for receiver in found))
    return tuple(name for place, name in enumerate(columns) if place not in used)


def _used(transformer: ColumnTransformer) -> set[int]:
    places = transformer._transformer_to_input_indices
    steps = {name: step for name, step, _ in transformer.transformers_}
    return {
        int(place)
        for name, of_step in places.items()
        if not (isinstance(steps.get(name), str) and steps[name] == "drop")
        for place in of_step
    }
