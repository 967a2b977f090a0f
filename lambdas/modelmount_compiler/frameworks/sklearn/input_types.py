"""Column names and column types that an estimator expects in its input."""

from collections.abc import Callable
from typing import Any

from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.sklearn.introspection import learned, receivers
from modelmount_compiler.signature import Signature


def column_names(estimator: object) -> Any:  # an array or a tuple of names, or None
    """Return the column names that an estimator was fitted with, or None.

    Where several receive the input, a boosting library's spelling counts last: LightGBM writes
    underscores for blanks.
    """
    found = receivers(estimator)
    libraries = [library for each in found if (library := boosting.library_of(each)) is not None]
    if len(libraries) == len(found) and libraries:
        return libraries[0].feature_names(found[0])
    plain = (learned(each, "feature_names_in_") for each in found if not boosting.library_of(each))
    names = next((each for each in plain if each is not None), None)
    return learned(estimator, "feature_names_in_") if names is None else names


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
    return lambda batch: batch
