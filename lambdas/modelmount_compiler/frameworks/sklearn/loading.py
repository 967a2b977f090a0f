"""Loads scikit-learn estimators from pickle, joblib and skops files."""

from collections.abc import Callable
from pathlib import Path

from sklearn.base import BaseEstimator

from modelmount_compiler.errors import OWN_CODE, ModelRejected
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.loading_policy.advice import advice
from modelmount_compiler.frameworks.loading_policy.record import Record
from modelmount_compiler.frameworks.loading_policy.skops_schema import SkopsReader
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.frameworks.sklearn.introspection import is_estimator, nested_estimators

NAMED_AT_MOST = 10


def load(path: Path, fmt: str) -> BaseEstimator:
    """Load an estimator that the installed versions saved; a patch release counts as the same.

    XGBoost, LightGBM and CatBoost promise to load what their older releases saved. The encoder of
    labels that they keep is scikit-learn's, and the same in every release.

    Raises:
        ModelRejected: it can't be loaded, or another version of scikit-learn saved it.
    """
    return checked(read(path, fmt))


def checked(loaded: object) -> BaseEstimator:
    """Return what is an estimator; raises `ModelRejected` for anything else."""
    if not is_estimator(loaded):
        raise ModelRejected(
            "NOT_A_MODEL",
            f"The file holds a {type(loaded).__name__}, not a scikit-learn estimator. "
            "Save the fitted estimator or pipeline itself.",
        )
    return loaded


def read(path: Path, fmt: str, by: Callable[[Path], object] | None = None) -> object:
    """Load what a file holds; raises `ModelRejected` as `load` does.

    Args:
        by: reads the file in another way than under the policy.
    """
    try:
        with releases.no_skew() as warned:
            loaded = (by or (_load_skops if fmt == "skops" else _load_pickle))(path)
            if boosting.library_of(loaded) is None:
                releases.refuse_skew(warned)
    except releases.Skew as skew:
        raise ModelRejected(
            "VERSION_SKEW",
            f"It was saved with scikit-learn {skew.saved}, and the environment that loads it has "
            f"{skew.installed}. Save it again with that version.",
        ) from skew
    return completed(loaded)


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
