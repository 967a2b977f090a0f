"""scikit-learn estimators as they are: loaded with joblib or skops, asked by their own methods."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted

from modelmount_compiler.errors import OWN_CODE, InputMismatch, ModelRejected
from modelmount_compiler.frameworks import Model as AnyModel
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.instances import inputs, outputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import METHODS, Method, Signature

PACKAGES = ("scikit-learn", "numpy", "scipy", "joblib", "skops", "pandas")

# From here on arrays are mapped: pages come as they are needed, and can be dropped again.
MAPPED_BYTES = 64 * 1024 * 1024
FLOAT32_MAX = float(np.finfo(np.float32).max)

# How XGBoost begins to warn of a pickle that isn't of its own version.
OLD_BOOSTER = "If you are loading a serialized model"

# Parts of scikit-learn that skops 0.16 writes but doesn't trust by itself: plain data holders.
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
    """Load an estimator saved by the very versions that are installed here.

    Raises:
        ModelRejected: it can't be loaded, or by another version of scikit-learn it was saved.
    """
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            warnings.simplefilter("error", InconsistentVersionWarning)
            loaded = _load_skops(path) if fmt == "skops" else _load_pickle(path)
    except InconsistentVersionWarning as skew:
        raise ModelRejected(
            "VERSION_SKEW",
            f"It was saved with scikit-learn {skew.original_sklearn_version}, and this deployment "
            f"runs {skew.current_sklearn_version}. Save it again with that version.",
        ) from skew
    if any(OLD_BOOSTER in str(warning.message) for warning in told):
        raise ModelRejected(
            "VERSION_SKEW",
            "It was pickled with another version of XGBoost than this deployment runs. Save it "
            "with save_model instead, as .ubj, or pickle it again with that version.",
        )
    library = boosting.library(loaded)
    if library is not None:
        loaded = library.adopt(loaded)
    if not _is_estimator(loaded):
        raise ModelRejected(
            "NOT_A_MODEL",
            f"The file holds a {type(loaded).__name__}, not a scikit-learn estimator. "
            "Save the fitted estimator or pipeline itself.",
        )
    return loaded


def _load_pickle(path: Path) -> object:
    import joblib  # noqa: PLC0415 (a skops model does without)

    try:
        if path.suffix == ".joblib" and path.stat().st_size >= MAPPED_BYTES:
            mapped = joblib.load(path, mmap_mode="r")  # only arrays that aren't compressed are
            return joblib.load(path) if _wants_to_write(mapped) else mapped
        return joblib.load(path)
    except (ImportError, AttributeError) as error:
        raise ModelRejected(
            "MISSING_CODE",
            f"The model needs code that isn't installed here: {error}. {OWN_CODE}",
        ) from error


def _wants_to_write(estimator: object) -> bool:
    """Whether a mapped estimator can't answer because its arrays are read-only."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            zeros = np.zeros((1, estimator.n_features_in_))  # type: ignore[attr-defined]
            next(getattr(estimator, m) for m in METHODS if hasattr(estimator, m))(zeros)
    except Exception as error:
        return "read-only" in str(error)
    return False


def _load_skops(path: Path) -> object:
    import skops.io  # noqa: PLC0415 (a pickled model does without)
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415 (as above)

    try:
        return skops.io.load(path, trusted=list(SKOPS_TRUSTED))
    except UntrustedTypesFoundException as error:
        raise ModelRejected("UNTRUSTED_TYPE", f"skops refuses it: {error} {OWN_CODE}") from error


def describe(loaded: BaseEstimator) -> Signature:
    """Read off the estimator what it takes, and try it on one row.

    Raises:
        ModelRejected: it isn't fitted, or has none of the methods that can be asked.
    """
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
    # Isotonic regression takes one column, and is alone in not saying so.
    n_features = 1 if hasattr(loaded, "X_thresholds_") else getattr(loaded, "n_features_in_", None)
    columns = _columns(loaded)
    takes_text = hasattr(_first_step(loaded), "build_analyzer")
    takes_numbers = _answers(loaded, methods[0], n_features, 0.0) and not _knows_strings(loaded)
    signature = Signature(
        input="text" if takes_text else "matrix" if columns is None else "frame",
        dtype="number" if takes_numbers else "any",
        n_features=None if n_features is None else int(n_features),
        columns=None if columns is None else tuple(str(name) for name in columns),
        allows_missing=not takes_numbers or _answers(loaded, methods[0], n_features, np.nan),
        methods=methods,
        classes=outputs.labels(getattr(loaded, "classes_", None)) or None,  # CatBoost's may be []
    )
    typed(loaded, signature)
    return signature


def typed(estimator: object, signature: Signature) -> Callable[[Any], Any]:
    """Return what a batch goes through first: the boosting libraries are strict about types.

    Raises:
        ModelRejected: the model doesn't say of what type its columns are.
    """
    first = _first_step(estimator)
    library = boosting.library(first) if signature.input == "frame" else None
    return library.framer(first) if library else lambda batch: batch


def _columns(estimator: object) -> Any:  # noqa: ANN401 (an array or a tuple of names, or None)
    first = _first_step(estimator)
    library = boosting.library(first)
    return library.columns(first) if library else getattr(estimator, "feature_names_in_", None)


def _first_step(estimator: object) -> object:
    """Return what sees the input first, inside of pipelines, unions and searches."""
    if hasattr(estimator, "transformer_list"):
        return next((_first_step(t) for _, t in estimator.transformer_list if t != "drop"), None)
    if hasattr(estimator, "steps"):
        return _first_step(estimator.steps[0][1])
    if hasattr(estimator, "best_estimator_"):
        return _first_step(estimator.best_estimator_)
    return estimator


def _answers(estimator: BaseEstimator, method: Method, n_features: int | None, fill: float) -> bool:
    """Whether the method takes one row full of this value: the estimator's tags don't tell."""
    if n_features is None:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(estimator, method)(np.full((1, n_features), fill))
    except Exception:
        return False
    return True


def _knows_strings(estimator: object) -> bool:
    """Whether anything in it was fitted on values that aren't numbers."""
    for part in _nested(estimator):
        learned = [*getattr(part, "categories_", ()), getattr(part, "statistics_", None)]
        if any(getattr(a, "dtype", np.dtype(float)).kind in "OUST" for a in learned):
            return True
    return False


def _is_estimator(value: object) -> bool:
    """Whether it keeps scikit-learn's conventions; CatBoost's have a base class of their own."""
    return isinstance(value, BaseEstimator) or (
        boosting.library(value) is not None and hasattr(value, "get_params")
    )


def _nested(value: object) -> Iterator[Any]:
    if _is_estimator(value):
        yield value
        for inner in vars(value).values():
            yield from _nested(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _nested(inner)


class Model(AnyModel):
    """An estimator behind the wire contract."""

    def __init__(self, loaded: BaseEstimator, signature: Signature) -> None:
        self._estimator = loaded
        self._signature = signature
        # What a step makes of finite numbers may not be finite, and a later one has to see that.
        self._is_one_step = not any(hasattr(p, "transform") for p in [*_nested(loaded)][1:])
        self._typed = typed(loaded, signature)
        for part in _nested(loaded):  # handing a few rows to threads costs more than it saves
            if getattr(part, "n_jobs", None) is not None:
                part.n_jobs = 1
            if (its := boosting.library(part)) is not None:
                its.use_one_thread(part)
        if signature.input == "matrix" and signature.dtype == "number" and signature.n_features:
            with contextlib.suppress(Exception):  # the first call imports and builds what it needs
                self._ask(np.zeros((1, signature.n_features)), signature.methods[0])

    def answer(self, batch: Batch, method: Method) -> Any:  # noqa: ANN401 (see `modelmount_compiler.instances.outputs`)
        """Answer by the estimator's own method.

        Raises:
            InputMismatch: the instances aren't what the model takes, or it says so itself.
        """
        inputs.check_method(method, self._signature)
        instances = inputs.convert(batch, self._signature)
        try:
            return self._ask(instances, method)
        except (ValueError, TypeError, OverflowError) as error:
            raise InputMismatch(
                f"The model refused the input: {error}", field="$.instances"
            ) from error

    def _ask(self, batch: Any, method: Method) -> Any:  # noqa: ANN401 (what the estimator takes and gives)
        """Call the method; its own search for NaN and infinity is skipped where there are none."""
        batch = self._typed(batch)
        is_tame = self._is_one_step and isinstance(batch, np.ndarray) and _is_tame(batch)
        with config_context(assume_finite=is_tame):
            return getattr(self._estimator, method)(batch)


def _is_tame(batch: NDArray[Any]) -> bool:
    """Whether all are numbers that fit into float32 too, which is what trees make of them."""
    return batch.dtype == np.float64 and bool((np.abs(batch) <= FLOAT32_MAX).all())
