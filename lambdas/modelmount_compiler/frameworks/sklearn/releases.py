"""Hides what releases of scikit-learn from 1.1 on name or keep differently.

The rest of the compiler is written for the newest release, and asks here for what an older one
lacks. Numbers that mean something else are read where their estimator is converted.
"""

import contextlib
import copy
import importlib
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn import utils
from sklearn.ensemble._iforest import _average_path_length

# The installed release, as (1, 9).
RELEASE = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

# Each release warns in these words, by classes of its own.
SAVED_BY = re.compile(
    r"Trying to unpickle estimator (.*) from version (\S+) when using version (\S+)\. "
)
# Boosting libraries keep one, and it is the same in every release: whoever loads it judges.
HELPER = "LabelEncoder"


class Skew(Exception):
    """Another minor release saved the estimator."""

    def __init__(self, saved: str, installed: str) -> None:
        super().__init__(saved, installed)
        self.saved, self.installed = saved, installed


@contextlib.contextmanager
def no_skew() -> Iterator[list[str]]:
    """Raise `Skew` when another minor release's estimator is loaded; collect all other warnings."""
    texts: list[str] = []

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        found = SAVED_BY.match(str(message))
        if found and found[1] != HELPER:
            refuse_skew([str(message)])
        texts.append(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        yield texts


def refuse_skew(texts: list[str]) -> None:
    """Raise `Skew` if one of these warnings tells of another minor release."""
    for text in texts:
        found = SAVED_BY.match(text)
        if found and _minor(found[2]) != _minor(found[3]):
            raise Skew(found[2], found[3])


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def classes(module: str, *names: str) -> tuple[type, ...]:
    """Return the classes of these names that the installed release has in a module."""
    try:
        home = importlib.import_module(module)
    except ImportError:
        return ()
    return tuple(vars(home)[name] for name in names if name in vars(home))


def allows_missing(estimator: Any) -> bool:
    """Whether an estimator's tags say that it takes NaN; they became objects in 1.6."""
    if hasattr(utils, "get_tags"):
        return bool(utils.get_tags(estimator).input_tags.allow_nan)
    return bool(estimator._get_tags()["allow_nan"])


def gives_sparse(encoder: Any) -> bool:
    """Whether a one-hot encoder gives sparse rows; 1.2 renamed the parameter."""
    return bool(encoder.sparse_output if hasattr(encoder, "sparse_output") else encoder.sparse)


def with_sparse(encoder: Any) -> Any:
    """Return a copy of a one-hot encoder that gives sparse rows."""
    copied = copy.copy(encoder)
    setattr(copied, "sparse_output" if hasattr(copied, "sparse_output") else "sparse", True)
    return copied


def with_arrays(transformer: Any) -> Any:
    """Return a copy of a transformer that gives arrays; before 1.2 each does."""
    copied = copy.copy(transformer)
    return copied.set_output(transform="default") if hasattr(copied, "set_output") else copied


def has_own_search(rows: NDArray[Any], metric: str) -> bool:
    """Whether brute-force searches are computed in scikit-learn's own code, by blocks of rows."""
    from sklearn.metrics import _pairwise_distances_reduction as own  # noqa: PLC0415

    search = getattr(own, "ArgKmin", None) or own.PairwiseDistancesArgKmin  # its name in 1.1
    return bool(search.is_usable_for(rows, np.asarray(rows), metric))


def missing_right(tree: Any) -> NDArray[np.bool_] | None:
    """Return at which nodes of a tree missing values go right; trees take none before 1.3."""
    to_left = getattr(tree, "missing_go_to_left", None)
    return None if to_left is None else to_left == 0


def calibrated(member: Any) -> Any:
    """Return the classifier inside of a calibrated one; 1.2 renamed the attribute."""
    return member.estimator if hasattr(member, "estimator") else member.base_estimator


def self_trained(model: Any) -> Any:
    """Return the classifier that self-training fitted; 1.6 renamed the attribute."""
    return model.estimator_ if hasattr(model, "estimator_") else model.base_estimator_


def fill_dtype(imputer: Any) -> np.dtype[Any]:
    """Return the type of what an imputer fills in; before 1.6 that of its statistics."""
    found: np.dtype[Any] = getattr(imputer, "_fill_dtype", imputer.statistics_.dtype)
    return found


def had_empty_column(imputer: Any) -> bool:
    """Whether an iterative imputer had a column without any value; 1.6 keeps which."""
    found = getattr(imputer, "_is_empty_feature", None)
    return bool((np.isnan(imputer.initial_imputer_.statistics_) if found is None else found).any())


def depths(forest: Any) -> list[NDArray[np.float64]]:
    """Return what each leaf of an isolation forest adds to the depth; 1.3 keeps the parts."""
    if hasattr(forest, "_decision_path_lengths"):
        pairs = zip(
            forest._decision_path_lengths, forest._average_path_length_per_tree, strict=True
        )
        return [path + rest - 1.0 for path, rest in pairs]
    trees = [member.tree_ for member in forest.estimators_]
    return [_levels(tree) + _average_path_length(tree.n_node_samples) - 1.0 for tree in trees]


def _levels(tree: Any) -> NDArray[np.float64]:
    """Return how many nodes lie on the way to each node, with both ends."""
    levels = np.ones(tree.node_count)
    for node in range(tree.node_count):  # parents come first
        if tree.children_left[node] >= 0:
            children = [tree.children_left[node], tree.children_right[node]]
            levels[children] = levels[node] + 1
    return levels


def counts_odds(model: Any) -> bool:
    """Whether AdaBoost adds up logarithms of probabilities (SAMME.R), which 1.6 left out."""
    return RELEASE < (1, 6) and model.algorithm == "SAMME.R"


def counts_against() -> bool:
    """Whether a vote of AdaBoost for one class counts against the others: from 1.3 on."""
    return RELEASE >= (1, 3)
