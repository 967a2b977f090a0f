"""Finds the fitted estimators that an estimator holds."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from modelmount_compiler.verify.probes import boosters

PREPROCESSOR = "_preprocessor"  # histogram boosting applies it first, so it isn't nested


def nested_estimators(
    estimator: Any,
    limit: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Any, Sequence[int] | None]]:
    """Yield the fitted estimators in the attributes of another one.

    Each comes with the positions of the columns that it sees, or None if it sees all of them.

    Args:
        estimator: the outer estimator.
        limit: the most estimators of one attribute; of more, a random choice is taken.
        rng: draws the choice.
    """
    columns: Any = getattr(estimator, "estimators_features_", None)
    for name, value in getattr(estimator, "__dict__", {}).items():
        if name == PREPROCESSOR:
            continue
        found = list(_estimators(value))
        chosen = list(range(len(found)))
        if len(found) > limit:
            chosen = rng.choice(len(found), limit, replace=False).tolist()
        for i in chosen:
            sees_some = columns is not None and name == "estimators_"
            yield found[i], columns[i] if sees_some else None


def _estimators(value: Any) -> Iterator[Any]:
    """Yield an attribute that is a fitted estimator, and those in lists, arrays and dicts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object):
        for item in value:
            yield from _estimators(item)
    elif hasattr(value, "calibrators"):  # a member of CalibratedClassifierCV
        yield from _estimators(value.estimator)
    elif hasattr(value, "get_params") and _is_fitted(value):
        yield value


def _is_fitted(estimator: Any) -> bool:
    if hasattr(estimator, "steps"):
        return bool(estimator.steps) and _is_fitted(estimator.steps[-1][1])
    if type(estimator).__name__ == "FrozenEstimator":
        return _is_fitted(estimator.estimator)
    learned = any(name.endswith("_") and not name.endswith("__") for name in vars(estimator))
    return learned or boosters.is_fitted(estimator)
