"""The interface of the boosting libraries, as far as they differ from scikit-learn.

Each library has a module in this package by its own name. The module is imported when a model holds
an estimator of the library, which has then imported the library itself.
"""

import importlib
import sys
from collections.abc import Callable
from typing import Any, Literal, Protocol, cast

# Names to import, and the distributions that bring them.
DISTRIBUTIONS = {"xgboost": "xgboost-cpu", "lightgbm": "lightgbm", "catboost": "catboost"}
# Which values that aren't among a column's categories are refused; others count as missing.
Refused = Literal["none", "numbers", "all"]


class BoostingLibrary(Protocol):
    """A module for the estimators of one boosting library."""

    def as_estimator(self, loaded: Any) -> Any:
        """Return an estimator for a bare booster; return anything else unchanged."""

    def is_fitted(self, estimator: Any) -> bool:
        """Whether an estimator was fitted."""

    def feature_names(self, estimator: Any) -> tuple[str, ...] | None:
        """Return the column names that an estimator was fitted with, or None."""

    def categories(self, estimator: Any) -> dict[int, tuple[Any, ...]]:
        """Return the fitted categories by the column, or their codes."""

    def refused(self, estimator: Any) -> Refused:
        """Return which unknown categories are refused, by the column that is strictest."""

    def frame_converter(self, estimator: Any) -> Callable[[Any], Any]:
        """Return a function that gives a data frame's columns the types of the fit."""

    def use_one_thread(self, estimator: Any) -> None:
        """Make an estimator answer in the calling thread."""


def library_of(value: object) -> BoostingLibrary | None:
    """Return the module for the library that a value's class is from, or None."""
    name = type(value).__module__.partition(".")[0]
    if name not in DISTRIBUTIONS:
        return None
    return cast(BoostingLibrary, importlib.import_module(f"modelmount_compiler.frameworks.{name}"))


def distributions() -> tuple[str, ...]:
    """Return the distributions of the libraries that are imported."""
    return tuple(found for name, found in DISTRIBUTIONS.items() if name in sys.modules)
