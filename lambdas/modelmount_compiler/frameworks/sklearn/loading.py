"""Loads scikit-learn estimators from pickle, joblib and skops files."""

import warnings
from pathlib import Path

from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning

from modelmount_compiler.errors import OWN_CODE, ModelRejected
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.sklearn.introspection import is_estimator

# XGBoost's warning about a pickle of another version begins with this text.
OLD_BOOSTER = "If you are loading a serialized model"

# Plain data holders of scikit-learn that skops 0.16 writes, but doesn't trust by default.
SKOPS_TRUSTED = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)


def load(path: Path, fmt: str) -> BaseEstimator:
    """Load an estimator that the installed versions saved.

    Raises:
        ModelRejected: it can't be loaded, or another version of scikit-learn saved it.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.simplefilter("error", InconsistentVersionWarning)
            loaded = _load_skops(path) if fmt == "skops" else _load_pickle(path)
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
    library = boosting.library_of(loaded)
    if library is not None:
        loaded = library.as_estimator(loaded)
    if not is_estimator(loaded):
        raise ModelRejected(
            "NOT_A_MODEL",
            f"The file holds a {type(loaded).__name__}, not a scikit-learn estimator. "
            "Save the fitted estimator or pipeline itself.",
        )
    return loaded


def _load_pickle(path: Path) -> object:
    import joblib  # noqa: PLC0415 (skops files don't need it)

    try:
        return joblib.load(path)
    except (ImportError, AttributeError) as error:
        raise ModelRejected(
            "MISSING_CODE",
            f"The model needs code that isn't installed here: {error}. {OWN_CODE}",
        ) from error


def _load_skops(path: Path) -> object:
    import skops.io  # noqa: PLC0415 (pickled models don't need it)
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415 (as above)

    try:
        return skops.io.load(path, trusted=list(SKOPS_TRUSTED))
    except UntrustedTypesFoundException as error:
        raise ModelRejected("UNTRUSTED_TYPE", f"skops refuses it: {error} {OWN_CODE}") from error
