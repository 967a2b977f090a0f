"""Column names and column types that an estimator expects in its input."""

from collections.abc import Callable
from typing import Any

from modelmount_compiler.frameworks import boosting, third_party
from modelmount_compiler.frameworks.sklearn.category_columns import (
    boosted_categories,
    strictest,
    with_categories,
)
from modelmount_compiler.frameworks.sklearn.introspection import (
    learned,
    nested_estimators,
    receivers,
)
from modelmount_compiler.signature import Signature


def column_names(estimator: object) -> Any:  # an array or a tuple of names, or None
    """Return the column names that an estimator was fitted with, or None.

    LightGBM writes underscores for blanks: where others receive the input, too, their spelling
    counts.
    """
    found = receivers(estimator)
    for each in sorted(found, key=_is_of_lightgbm):
        library = boosting.library_of(each)
        own = library.feature_names(each) if library else _names_of(each)
        if own is not None:
            return own if all(isinstance(name, str) for name in own) else None
    has_libraries = any(boosting.library_of(each) for each in found)
    return None if has_libraries else getattr(estimator, "feature_names_in_", None)


def _names_of(estimator: object) -> Any:  # as above
    found = third_party.names(estimator)
    return learned(estimator, "feature_names_in_") if found is None else found


def _is_of_lightgbm(estimator: object) -> bool:
    return type(estimator).__module__.startswith("lightgbm.")


def input_converter(estimator: object, signature: Signature) -> Callable[[Any], Any]:
    """Return a function that gives a batch the types that the estimator expects.

    The boosting libraries are strict about the types of a data frame. For any other input the
    function returns the batch unchanged.

    Raises:
        ModelRejected: the model doesn't say of what type its columns are.
    """
    found = receivers(estimator) if signature.input == "frame" else []
    libraries = {boosting.library_of(each) for each in found}
    if len(libraries) == 1 and (library := libraries.pop()) is not None:
        return library.frame_converter(found[0])
    nested = list(nested_estimators(estimator))
    if not found or not any(boosting.library_of(each) for each in nested):
        return lambda batch: batch
    categories = boosted_categories(estimator, len(signature.columns or ()))
    refused = strictest(nested)
    return lambda batch: with_categories(batch, categories, refused)
