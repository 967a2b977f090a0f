"""Looks into estimators: the estimators inside them, and the step that receives the input."""

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator

from modelmount_compiler.frameworks import boosting


def is_estimator(value: object) -> bool:
    """Whether a value follows scikit-learn's conventions; CatBoost has its own base class."""
    return isinstance(value, BaseEstimator) or (
        boosting.library_of(value) is not None and hasattr(value, "get_params")
    )


def nested_estimators(value: object) -> Iterator[Any]:
    """Yield an estimator and all estimators in its attributes, at any depth."""
    if is_estimator(value):
        yield value
        for inner in vars(value).values():
            yield from nested_estimators(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from nested_estimators(inner)


def first_step(estimator: object) -> object:
    """Return the estimator that receives the input, inside pipelines, unions and searches."""
    if hasattr(estimator, "transformer_list"):
        steps = (step for _, step in estimator.transformer_list if step != "drop")
        return next((first_step(step) for step in steps), None)
    if hasattr(estimator, "steps"):
        return first_step(estimator.steps[0][1])
    if hasattr(estimator, "best_estimator_"):
        return first_step(estimator.best_estimator_)
    return estimator
