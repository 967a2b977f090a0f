"""Loads scikit-learn estimators from pickle, joblib and skops files."""

import warnings
from collections.abc import Callable
from pathlib import Path

from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning

from modelmount_compiler.errors import OWN_CODE, ModelRejected
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.loading_policy.advice import advice
from modelmount_compiler.frameworks.loading_policy.record import Record
from modelmount_compiler.frameworks.loading_policy.skops_schema import SkopsReader
from modelmount_compiler.frameworks.sklearn.introspection import is_estimator, nested_estimators

# XGBoost's warning about a pickle of another version begins with this text.
OLD_BOOSTER = "If you are loading a serialized model"
NAMED_AT_MOST = 10


def load(
    path: Path,
    fmt: str,
    *,
    read: Callable[[Path], object] | None = None,
    is_any: bool = False,
) -> BaseEstimator:
    """Load an estimator that the installed versions saved.

    Args:
        read: reads the file in another way than under the policy.
        is_any: whether any object will do, whose class the caller knows what to do with.

    Raises:
        ModelRejected: it can't be loaded, or another version of scikit-learn saved it.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.simplefilter("error", InconsistentVersionWarning)
            read = read or (_load_skops if fmt == "skops" else _load_pickle)
            loaded = read(path)
    except InconsistentVersionWarning as skew:
        raise ModelRejected(
            "VERSION_SKEW",
            f"It was saved with scikit-learn {skew.original_sklearn_version}, and this deployment "
            f"runs {skew.current_sklearn_version}. Save it again with that version.",
        ) from skew
    if any(OLD_BOOSTER in str(warning.message) for warning in caught):
        raise ModelRejected(
            "VERSION_SKEW",
            "It was pickled with another version of XGBoost than this deployment runs. Save it "
            "with save_model instead, as .ubj, or pickle it again with that version.",
        )
    loaded = completed(loaded)
    if not (is_any or is_estimator(loaded)):
        raise ModelRejected(
            "NOT_A_MODEL",
            f"The file holds a {type(loaded).__name__}, not a scikit-learn estimator. "
            "Save the fitted estimator or pipeline itself.",
        )
    return loaded


def completed(loaded: object) -> object:
    """Return the estimator for a bare booster, and else what was given.

    CatBoost's estimators inside of others get the number of their columns, which pickles lose.
    """
    library = boosting.library_of(loaded)
    if library is not None:
        return library.as_estimator(loaded)
    for nested in nested_estimators(loaded):
        if (inner := boosting.library_of(nested)) is not None:
            inner.as_estimator(nested)
    return loaded


def _load_pickle(path: Path) -> object:
    from modelmount_compiler.frameworks.loading_policy import (  # noqa: PLC0415 (skops needs none)
        guarded_unpickler,
    )

    try:
        return guarded_unpickler.load(path)
    except guarded_unpickler.PolicyViolation as error:
        raise ModelRejected(
            "UNSAFE_PICKLE", f"The file isn't loaded: {error}. {OWN_CODE}"
        ) from error
    except (ImportError, AttributeError) as error:
        raise ModelRejected(
            "MISSING_CODE",
            f"The model needs code that isn't installed here: {error}. {OWN_CODE}",
        ) from error


def _load_skops(path: Path) -> object:
    import skops.io  # noqa: PLC0415 (pickled models don't need it)
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415 (as above)

    record = Record()
    judged = SkopsReader(record).read(path)
    if untrusted := record.untrusted():
        names = ", ".join(untrusted[:NAMED_AT_MOST])
        what_to_do = advice(untrusted)
        raise ModelRejected("UNTRUSTED_TYPE", f"Loading it would use {names}. {what_to_do}")
    if faults := record.faults():
        raise ModelRejected("UNTRUSTED_TYPE", f"No plain model: {'; '.join(faults)}. {OWN_CODE}")
    try:
        return skops.io.load(path, trusted=judged)
    except UntrustedTypesFoundException as error:
        raise ModelRejected("UNTRUSTED_TYPE", f"skops refuses it: {error} {OWN_CODE}") from error
