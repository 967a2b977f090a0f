"""Column names and column types that an estimator expects in its input."""

from collections.abc import Callable
from typing import Any

from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.sklearn.introspection import first_step
from modelmount_compiler.signature import Signature


def column_names(estimator: object) -> Any:  # an array or a tuple of names, or None
    """Return the column names that an estimator was fitted with, or None."""
    first = first_step(estimator)
    library = boosting.library_of(first)
    return (
        library.feature_names(first) if library else getattr(estimator, "feature_names_in_", None)
    )


def input_converter(estimator: object, signature: Signature) -> Callable[[Any], Any]:
    """Return a function that gives a batch the types that the estimator expects.

    The boosting libraries are strict about the types of a data frame. For any other input the
    function returns the batch unchanged.

    Raises:
        ModelRejected: the model doesn't say of what type its columns are.
    """
    first = first_step(estimator)
    library = boosting.library_of(first) if signature.input == "frame" else None
    return library.frame_converter(first) if library else lambda batch: batch
