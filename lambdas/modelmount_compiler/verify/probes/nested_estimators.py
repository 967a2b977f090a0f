"""Fitted estimators inside of others."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

PREPROCESSOR = "_preprocessor"  # of histogram boosting: comes before the rest, not inside


def inside(
    part: Any,  # noqa: ANN401 (an estimator)
    most: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Any, Sequence[int] | None]]:
    """Yield what an estimator holds, and the columns that each sees where it is told them.

    Of an attribute with more than `most` of them some are chosen.
    """
    columns: Any = getattr(part, "estimators_features_", None)
    for name, value in vars(part).items():
        if name == PREPROCESSOR:
            continue
        found = list(_estimators(value))
        keep = list(range(len(found)))
        if len(found) > most:
            keep = rng.choice(len(found), most, replace=False).tolist()
        for i in keep:
            is_told = columns is not None and name == "estimators_"
            yield found[i], columns[i] if is_told else None


def _estimators(value: Any) -> Iterator[Any]:  # noqa: ANN401 (an attribute)
    """Yield fitted estimators in an attribute: itself, or in lists, arrays and dicts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object):
        for item in value:
            yield from _estimators(item)
    elif hasattr(value, "get_params") and _is_fitted(value):
        yield value


def _is_fitted(part: Any) -> bool:  # noqa: ANN401 (an estimator)
    if hasattr(part, "steps"):
        return bool(part.steps) and _is_fitted(part.steps[-1][1])
    if type(part).__name__ == "FrozenEstimator":
        return _is_fitted(part.estimator)
    return any(name.endswith("_") and not name.endswith("__") for name in vars(part))
