"""Converts answers of models into JSON-ready lists, one item for each instance."""

from typing import Any

import numpy as np


def rows(result: Any) -> list[Any]:  # array, frame, sparse matrix or list of arrays
    """Convert the answer to n instances into n items.

    An array of shape (n, …) gives nested lists. A list of k arrays of shape (n, …) gives n lists
    of k items; `predict_proba` of a model with k outputs returns such a list.
    """
    if isinstance(result, list) and result and isinstance(result[0], np.ndarray):
        return [list(items) for items in zip(*(rows(output) for output in result), strict=True)]
    if hasattr(result, "toarray"):  # SciPy sparse
        result = result.toarray()
    items: list[Any] = np.asarray(result).tolist()
    return items


def part(result: Any, rows: slice) -> Any:
    """Return the answer to some of the instances."""
    if isinstance(result, list) and result and isinstance(result[0], np.ndarray):
        return [output[rows] for output in result]
    return result[rows]


def count(result: Any) -> int:
    """Return the number of instances that an answer belongs to."""
    if isinstance(result, list) and result and isinstance(result[0], np.ndarray):
        return len(result[0])
    shape = getattr(result, "shape", None)
    if shape is None:
        return len(result) if hasattr(result, "__len__") else 0
    return shape[0] if shape else 0  # a number alone belongs to no instance


def labels(classes: Any) -> list[Any] | None:  # an array or a list of arrays
    """Return an estimator's `classes_` as JSON-ready lists, or None if it has none."""
    if classes is None:
        return None
    if isinstance(classes, list):
        return [labels(output) for output in classes]
    return rows(classes)
