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
from numpy.typing import NDArray
from sklearn import utils

# Each release warns in these words, by classes of its own.
SAVED_BY = re.compile(
    r"Trying to unpickle estimator (\w+) from version (\S+) when using version (\S+)\. "
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
