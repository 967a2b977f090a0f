"""Looks into estimators: the estimators inside them, and those that receive the input."""

from collections.abc import Iterable, Iterator
from typing import Any

from sklearn.base import BaseEstimator

from modelmount_compiler.frameworks import boosting, third_party
from modelmount_compiler.frameworks.sklearn import releases

# What a calibrated classifier calls the one inside of it; 1.2 renamed it.
CALIBRATED = "estimator" if releases.RELEASE >= (1, 2) else "base_estimator"
# Classes that hand their input on as it came, and the attribute with the estimators that get it.
PASSES_TO = {
    "BaseSearchCV": "best_estimator_",
    "BaseThresholdClassifier": "estimator_",
    "EnsembleVoteClassifier": "clfs_",  # this one and the next four are mlxtend's
    "StackingClassifier": "clfs_",
    "StackingCVClassifier": "clfs_",
    "StackingRegressor": "regr_",
    "StackingCVRegressor": "regr_",
    "CalibratedClassifierCV": "calibrated_classifiers_",
    "Decoded": "estimator_",
    "FrozenEstimator": "estimator",
    "OneVsRestClassifier": "estimators_",
    "OutputCodeClassifier": "estimators_",
    "Thresholded": "estimator_",
    "TransformedTargetRegressor": "regressor_",
    "_BaseStacking": "estimators_",
    "_BaseVoting": "estimators_",
    "_CalibratedClassifier": CALIBRATED,
    "_MultiOutputEstimator": "estimators_",
}
NO_STEPS = (None, "drop", "passthrough")


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
    elif type(value).__name__ == "_CalibratedClassifier":
        yield from nested_estimators(vars(value).get(CALIBRATED))


def receivers(estimator: object) -> list[Any]:
    """Return the estimators that receive the input as it comes.

    They lie inside pipelines, unions, searches and wrappers; `passthrough` is passed over. An
    estimator that hands nothing on is its own receiver.
    """
    if hasattr(estimator, "transformer_list"):
        return _all(step for _, step in estimator.transformer_list)
    if hasattr(estimator, "steps"):
        steps = [step for _, step in estimator.steps if not _is_passed_over(step)]
        return receivers(steps[0]) if steps else []
    names = {base.__name__ for base in type(estimator).__mro__} & PASSES_TO.keys()
    held = [getattr(estimator, PASSES_TO[name], None) for name in names]
    inner = _all(item for each in held for item in (each if isinstance(each, list) else [each]))
    return inner or [estimator]


def learned(estimator: object, name: str) -> Any:  # whatever the attribute holds
    """Return an attribute of an estimator, or of the first receiver that has it; else None.

    A pipeline that begins with `passthrough` hasn't the attributes of its first step.
    """
    for each in (estimator, *receivers(estimator)):
        found = getattr(each, name, None)
        if found is not None:
            return found
    return None


def _is_passed_over(step: object) -> bool:
    return _is_none(step) or third_party.is_sampler(step)


def _is_none(step: object) -> bool:
    return step is None or (isinstance(step, str) and step in NO_STEPS)


def _all(estimators: Iterable[object]) -> list[Any]:
    """Return the receivers of each; several may share one."""
    found = (inner for each in estimators if not _is_none(each) for inner in receivers(each))
    return list({id(inner): inner for inner in found}.values())
