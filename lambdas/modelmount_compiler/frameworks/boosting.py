"""What the boosting libraries need beyond scikit-learn, whose conventions their estimators keep.

Each library has a module here by its own name. It is imported only when a model holds one of its
estimators, which has then imported the library itself.
"""

import importlib
import sys
from collections.abc import Callable
from typing import Any, Protocol, cast

# By the name to import: the distribution that brings it.
DISTRIBUTIONS = {"xgboost": "xgboost-cpu", "lightgbm": "lightgbm", "catboost": "catboost"}


class Library(Protocol):
    """What a library's module offers. An estimator is one of that library's."""

    def adopt(self, loaded: Any) -> Any:  # noqa: ANN401 (whatever the library has)
        """Return the estimator for what isn't one, such as a bare Booster."""

    def columns(self, estimator: Any) -> tuple[str, ...] | None:  # noqa: ANN401 (as above)
        """Return the names that it was fitted with, if it was."""

    def framer(self, estimator: Any) -> Callable[[Any], Any]:  # noqa: ANN401 (as above)
        """Return what gives a data frame's columns the types that it was fitted with."""

    def use_one_thread(self, estimator: Any) -> None:  # noqa: ANN401 (as above)
        """Have it answer in the thread that asks."""


def library(value: object) -> Library | None:
    """Return the module for the library that a value's class is from; None for any other."""
    name = type(value).__module__.partition(".")[0]
    if name not in DISTRIBUTIONS:
        return None
    return cast(Library, importlib.import_module(f"modelmount_compiler.frameworks.{name}"))


def distributions() -> tuple[str, ...]:
    """Return the distributions of the libraries that are in use."""
    return tuple(found for name, found in DISTRIBUTIONS.items() if name in sys.modules)
