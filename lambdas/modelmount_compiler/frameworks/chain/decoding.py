"""Estimators around the last one of a chain: decoded labels, a threshold, a dense input."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.metaestimators import available_if

Labels = NDArray[Any]


def _inner_has(method: str) -> Any:  # a check of scikit-learn's
    return available_if(lambda self: hasattr(self.estimator_, method))


class _Around(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A fitted classifier whose answer is changed afterwards."""

    def __init__(self, estimator_: Any) -> None:
        self.estimator_ = estimator_

    def __getattr__(self, name: str) -> Any:
        """Return what the inner estimator knows of its input."""
        if name in ("feature_names_in_", "n_features_in_", "feature_names_"):
            return getattr(self.estimator_, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def fit(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002, N803 (scikit-learn's interface)
        """Learn nothing: the estimator inside was fitted."""
        return self

    @_inner_has("predict_proba")  # type: ignore[untyped-decorator]  # as above
    def predict_proba(self, X: Any) -> Any:  # noqa: N803 (as scikit-learn calls it)
        """Return the inner estimator's probabilities, in the order of `classes_`."""
        return self.estimator_.predict_proba(X)

    @_inner_has("decision_function")  # type: ignore[untyped-decorator]  # as above
    def decision_function(self, X: Any) -> Any:  # noqa: N803 (likewise)
        """Return the inner estimator's scores."""
        return self.estimator_.decision_function(X)


class Decoded(_Around):
    """A classifier that learned codes, and answers with their labels.

    Args:
        labels: the label of each code, shape (labels,).
    """

    def __init__(self, estimator_: Any, labels: Labels) -> None:
        super().__init__(estimator_)
        self.labels = labels

    @property
    def classes_(self) -> Labels:
        """The labels in the order of the columns of `predict_proba`."""
        return self.labels[codes_of(self.estimator_)]

    def predict(self, X: Any) -> Labels:  # noqa: N803 (likewise)
        """Return the labels of the predicted codes, shape (n,)."""
        codes = np.asarray(self.estimator_.predict(X)).ravel().astype(np.intp)
        chosen: Labels = self.labels[codes]
        return chosen


class Thresholded(_Around):
    """A classifier of two classes: the second from a probability of `threshold` on."""

    def __init__(self, estimator_: Any, threshold: float) -> None:
        super().__init__(estimator_)
        self.threshold = threshold

    @property
    def classes_(self) -> Labels:
        """The inner estimator's classes."""
        return np.asarray(self.estimator_.classes_)

    def predict(self, X: Any) -> Labels:  # noqa: N803 (likewise)
        """Return the second class where its probability reaches the threshold, shape (n,)."""
        scores = self.estimator_.predict_proba(X)[:, 1].astype(np.float64)
        reached = scores >= self.threshold
        chosen: Labels = self.classes_[reached.astype(np.intp)]
        return chosen


class Dense(TransformerMixin, BaseEstimator):  # type: ignore[misc] # as above
    """Makes a sparse matrix a dense one, as `.toarray()` does."""

    def __init__(self) -> None:
        self.is_fitted_ = True

    def fit(self, X: Any, y: Any = None) -> "Dense":  # noqa: ARG002, N803 (scikit-learn's interface)
        """Learn nothing."""
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803 (likewise)
        """Return a dense matrix; what is dense already stays as it is."""
        return X.toarray() if sparse.issparse(X) else X


def codes_of(estimator: Any) -> NDArray[np.intp]:
    """Return a classifier's classes as codes; raises `ValueError` where they aren't any."""
    classes = np.asarray(estimator.classes_)
    if classes.ndim != 1 or classes.dtype.kind not in "iubf":
        raise ValueError("its classes aren't codes")
    codes: NDArray[np.intp] = classes.astype(np.intp)
    if (codes != classes).any() or (codes < 0).any():
        raise ValueError("its classes aren't codes")
    return codes
