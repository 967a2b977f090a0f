"""The classes of libraries that extend scikit-learn, which a model may be made of.

Their modules were read for what runs when a model is loaded, and when it is asked. Left out is
what does more than compute:

- category_encoders' `HashingEncoder` starts processes, and takes a hash function by its name;
- feature-engine's `MathFeatures` and time series call pandas' methods by names from the file, and
  one of these runs a program;
- imbalanced-learn's `FunctionSampler`, and `FunctionTransformer`s of others, call what they hold:
  they are taken without a function;
- skrub's data operations, selectors, joins and text models run expressions and load other files;
- mlxtend's data sets and plots open files.
"""

import contextlib
import importlib
import inspect
import io
import pkgutil
import re
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from policies.classes import Rule, _rule
from policies.observed import Seen, note

# Modules without parts of models, and those that the text above tells of.
NO_MODELS = re.compile(
    r"\.(tests|datasets|data|keras|tensorflow|plotting|file_io|evaluate|text|timeseries|conftest|"
    r"frequent_patterns|externals|_data_ops|_reporting|selectors|utils\.testing|_llm_encoder|"
    r"_text_encoder|_fuzzy_join|_multi_agg_joiner|_agg_joiner|_joiner|_interpolation_joiner|"
    r"_session_encoder|test_utilities)(\.|$)"
)
LEFT_OUT = ("HashingEncoder", "MathFeatures", "DataWrapper")
ROWS = 40
RNG = np.random.default_rng(0)


def classes_of(package: str) -> dict[str, Rule]:
    """Return the rules of a library's classes; none where it isn't installed."""
    try:
        importlib.import_module(package)
    except ImportError:
        return {}
    found = [cls for module in _modules(package) for cls in _parts(module)]
    seen = _seen(found)
    return dict(sorted((f"{cls.__module__}.{cls.__qualname__}", _rule(cls, seen)) for cls in found))


def _modules(package: str) -> Iterator[types.ModuleType]:
    home = importlib.import_module(package)
    walked = pkgutil.walk_packages(home.__path__, f"{package}.", onerror=lambda _: None)
    for name in sorted(each.name for each in walked if not NO_MODELS.search(each.name)):
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield importlib.import_module(name)


def _parts(module: types.ModuleType) -> Iterator[type]:
    for name, cls in vars(module).items():
        is_own = isinstance(cls, type) and cls.__module__ == module.__name__
        if not is_own or cls.__name__ != name or name in LEFT_OUT:
            continue
        if issubclass(cls, BaseEstimator) and not inspect.isabstract(cls):
            yield cls


def _seen(found: list[type]) -> Seen:
    """Fit what can be fitted, and note what its attributes hold."""
    np.random.seed(0)
    seen: Seen = {}
    quiet = contextlib.redirect_stdout(io.StringIO())
    with warnings.catch_warnings(), quiet, np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for cls in found:
            for estimator in _instances(cls):
                for features, target in _inputs():
                    with contextlib.suppress(Exception):
                        note(estimator.fit(features, target), seen, {})
    return seen


def _instances(cls: type) -> Iterator[Any]:
    needed = [
        name
        for name, p in inspect.signature(cls).parameters.items()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    inner = DecisionTreeClassifier(random_state=0)
    members = [LogisticRegression(), inner]
    choices: dict[str, Any] = {
        "steps": [("a", StandardScaler()), ("b", LogisticRegression())],
        "clfs": members,
        "classifiers": members,
        "meta_classifier": LogisticRegression(),
        "regressors": [Ridge(), Ridge(2.0)],
        "meta_regressor": Ridge(),
        "features": [(["x"], StandardScaler()), ("city", None)],
        "features_to_drop": ["x"],
        "binning_dict": {"x": [-np.inf, 0.0, np.inf]},
        "imputer_dict": {"x": 0.0},
        "variables": ["x", "y"],
        "feature_encoder": None,
        "transformer": StandardScaler(),
        "max_capping_dict": {"x": 1.0},
        "reference": ["x"],
        "func": ["add"],
    }
    for estimator in (LogisticRegression(), Ridge()):
        with contextlib.suppress(Exception):
            yield cls(**{name: choices.get(name, estimator) for name in needed})


def _inputs() -> Iterator[tuple[Any, Any]]:
    import pandas as pd  # noqa: PLC0415 (a policy of scikit-learn alone does without)

    numbers = np.abs(RNG.normal(size=(ROWS, 3))) + 0.1
    labels = (numbers[:, 0] > numbers[:, 1]).astype(int)
    table = pd.DataFrame(
        {"x": numbers[:, 0], "y": numbers[:, 1], "city": ["a", "b", "c", "d"] * (ROWS // 4)}
    )
    gaps = table.assign(x=table["x"].where(np.arange(ROWS) % 5 > 0), city=table["city"])
    texts = table[["city"]].assign(k=np.arange(ROWS) % 3)
    yield numbers, labels
    yield table[["x", "y"]], pd.Series(labels)
    yield table, pd.Series(labels)
    yield gaps, pd.Series(labels)
    yield texts, pd.Series(labels)
    yield table[["x", "y"]], pd.Series(numbers[:, 2])
    yield table, pd.Series(numbers[:, 2])
    yield numbers, numbers[:, 0]
    yield table["city"], None
