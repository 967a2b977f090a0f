"""Fits many estimators, and notes what their attributes hold."""

import contextlib
import inspect
import io
import itertools
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import all_estimators

from modelmount_compiler.frameworks.third_party import DISTRIBUTIONS

# Libraries whose objects are parts of models.
HOLD_PARTS = ("sklearn", "xgboost", "lightgbm", "catboost", *DISTRIBUTIONS)
Seen = dict[str, dict[str, set[str]]]
RNG = np.random.default_rng(0)
NUMBERS = np.abs(RNG.normal(size=(24, 3)))
LABELS = (NUMBERS[:, 0] > NUMBERS[:, 1]).astype(int)
TEXTS = ["good fine nice", "bad awful poor"] * 12
DICTIONARIES = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}] * 12
TWO_LABELS = np.column_stack([LABELS, 1 - LABELS])
INPUTS: tuple[tuple[Any, Any], ...] = (
    (NUMBERS, LABELS),
    (NUMBERS, NUMBERS[:, 0]),
    (NUMBERS, TWO_LABELS),
    (NUMBERS[:, 0], NUMBERS[:, 1]),
    (NUMBERS[:, :1] > 1, LABELS),
    (TEXTS, LABELS),
    (DICTIONARIES, LABELS),
    ([["a", "b"]] * 12 + [["c"]] * 12, None),
    (LABELS, None),
    (NUMBERS @ NUMBERS.T, None),
    (NUMBERS, NUMBERS[:, :2]),
)


def instances() -> Iterator[BaseEstimator]:
    """Yield estimators of every class, with an inner one where they need it."""
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

    for _, cls in all_estimators():
        needed = [
            name
            for name, p in inspect.signature(cls).parameters.items()
            if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        for inner in (LogisticRegression(), Ridge()):
            given: dict[str, Any] = {}
            for name in needed:
                if name in ("estimators", "steps", "transformer_list"):
                    given[name] = [("a", inner), ("b", DecisionTreeClassifier())][
                        : 2 - (name == "steps")
                    ]
                elif name == "transformers":
                    given[name] = [("a", "passthrough", [0, 1])]
                elif name in ("param_grid", "param_distributions"):
                    given[name] = {"fit_intercept": [True, False]}
                elif name == "dictionary":
                    given[name] = NUMBERS[:4]
                else:
                    given[name] = inner
            with contextlib.suppress(Exception):
                yield cls(**given)


def fitted() -> Iterator[BaseEstimator]:
    """Yield whatever could be fitted on one of the inputs."""
    for estimator in instances():
        fits = (estimator for x, y in INPUTS if _fits(estimator, x, y))
        yield from itertools.islice(fits, 1)


def _fits(estimator: BaseEstimator, features: Any, target: Any) -> bool:
    quiet = contextlib.redirect_stdout(io.StringIO())
    with warnings.catch_warnings(), quiet, np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            estimator.fit(features, target)
        except Exception:
            return False
    return True


def note(value: Any, seen: Seen, visited: dict[int, Any]) -> str:
    """Note what each object inside a value holds; return the kinds: d(ata), f(unction), o(bject).

    A class of the libraries as a value is `c`, a data frame or series `t`. None says nothing.
    """
    if id(value) in visited:
        return "" if isinstance(value, list | dict | tuple) else _kind(value)
    visited[id(value)] = value
    if isinstance(value, dict):
        pairs = [part for pair in value.items() for part in pair]
        return _joined(note(part, seen, visited) for part in pairs)
    if isinstance(value, list | tuple | set | frozenset):
        return _joined(note(part, seen, visited) for part in value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return _joined(note(part, seen, visited) for part in value.ravel())
    kind = _kind(value)
    if kind == "o":
        cls = type(value)
        attributes = seen.setdefault(f"{cls.__module__}.{cls.__qualname__}", {})
        state = getattr(value, "__dict__", None) or {}
        for name, held in list(state.items()):
            attributes.setdefault(name, set()).update(note(held, seen, visited))
    return kind


def _joined(kinds: Iterator[str]) -> str:
    return "".join(sorted(set("".join(kinds))))


def _kind(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | np.ufunc):
        return "f"
    module = type(value).__module__.split(".")[0]
    if isinstance(value, type):
        return "d" if value.__module__.split(".")[0] in ("builtins", "numpy") else "c"
    if module == "pandas" and type(value).__name__ in ("DataFrame", "Series"):
        return "t"
    if module in HOLD_PARTS or type(value).__name__ == "BSpline":
        return "o"
    return "f" if type(value).__name__ in ("partial", "cython_function_or_method") else "d"


def main() -> Seen:
    """Return what was seen of all classes."""
    np.random.seed(0)
    seen: Seen = {}
    for estimator in fitted():
        note(estimator, seen, {})
    return seen
