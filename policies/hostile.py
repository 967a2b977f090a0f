"""Objects and arguments that are hostile: each names a file that isn't there."""

import contextlib
import importlib
import inspect
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.loading_policy import policy
from policies import observed

# Takes attributes by a name that the caller gives, which Python itself offers for every object.
OF_PYTHON = {"__getattribute__", "__setattr__", "__delattr__", "__init_subclass__", "__class__"}


def class_of(name: str) -> type | None:
    """Return a class by its name; None where the installed version has none."""
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None  # of another version
    return found if isinstance(found, type) else None


def methods(cls: type) -> Iterator[tuple[str, str]]:
    """Yield each method with the class that has it; compiled ones too."""
    seen = set(OF_PYTHON)
    for base in cls.__mro__[:-1]:
        for name, value in vars(base).items():
            if name in seen:
                continue
            seen.add(name)
            is_method = callable(value) or isinstance(value, property | classmethod | staticmethod)
            if is_method and not inspect.isclass(value):
                yield f"{base.__module__}.{base.__qualname__}", name


def states(name: str, cls: type, mark: str) -> list[dict[str, Any]]:
    """Return what a pickle could set: each attribute that is taken, with a hostile value."""
    rule = policy.for_version().classes[name]
    known = [each for each in _attributes(rule) if not isinstance(vars(cls).get(each), property)]
    values = (mark, [mark], {mark: mark}, np.array([mark], dtype=object), 1)
    return [{}, *(dict.fromkeys(known, value) for value in values)]


def _attributes(rule: dict[str, Any]) -> list[str]:
    """Return the names of attributes in a rule, whatever groups it has them in."""
    found: list[str] = []
    for value in rule.values():
        if isinstance(value, str):
            found += value.split()
        elif isinstance(value, list | dict):
            found += [each for each in value if isinstance(each, str)]
    return [each for each in found if each.isidentifier()]


def arguments(mark: str) -> list[tuple[Any, ...]]:
    """Return what each method is called with."""
    texts, rows = np.array([[mark]], dtype=object), np.zeros((2, 3))
    return [
        *((mark,), (rows,), (), (mark, mark), ([mark],), ({"f": mark},), (texts,), (rows, [0, 1])),
        (None, mark),
    ]


def made(cls: Any, state: dict[str, Any]) -> Any:
    """Make an object as a pickle does; None where that can't be."""
    try:
        found = cls.__new__(cls)
        vars(found).update(state)
    except (TypeError, ValueError, AttributeError):
        try:
            return cls.__new__(cls) if not state else None
        except (TypeError, ValueError):
            return None
    return found


def call(of: Any, method: str, given: tuple[Any, ...]) -> None:
    """Call a method, or read a property."""
    found = getattr(of, method)
    if callable(found):
        found(*given)


def fitted(cls: type) -> bytes | None:
    """Return a pickle of a fitted model of the class, where one can be made."""
    models: list[Any] = [model for model in observed.instances() if type(model) is cls]
    with contextlib.suppress(Exception):
        if not models and hasattr(cls, "fit"):
            models = [cls()]
        if cls.__name__ == "Booster":
            return pickle.dumps(_booster(cls))
    for model in models:
        for features, target in observed.INPUTS:
            with contextlib.suppress(Exception):
                model.fit(features, target)
                return pickle.dumps(model)
    return None


def _booster(cls: type) -> Any:
    if cls.__module__.startswith("xgboost"):
        model = importlib.import_module("xgboost").XGBClassifier(n_estimators=2, n_jobs=1)
        return model.fit(observed.NUMBERS, observed.LABELS).get_booster()
    model = importlib.import_module("lightgbm").LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1)
    return model.fit(observed.NUMBERS, observed.LABELS).booster_
