"""What fitted transformers of third-party libraries learned about the columns of their input.

A module for each library reads its attributes by name. Nothing here imports a library.
"""

import importlib
from typing import Any

from modelmount_compiler.frameworks.third_party import sklearn_pandas
from modelmount_compiler.frameworks.third_party.facts import Facts

__all__ = ["DISTRIBUTIONS", "Facts", "facts", "is_sampler", "library_of", "names"]

# Libraries whose transformers a module here describes, by the package that they are imported as.
DESCRIBED = ("category_encoders", "feature_engine")
# Distributions of the libraries whose models are loaded, by the package.
DISTRIBUTIONS = {
    "imblearn": "imbalanced-learn",
    "category_encoders": "category-encoders",
    "feature_engine": "feature-engine",
    "skrub": "skrub",
    "mlxtend": "mlxtend",
    "sklearn_pandas": "sklearn-pandas",
}


def facts(step: object) -> Facts | None:
    """Return what a fitted transformer learned of its columns; None for any other step."""
    library = library_of(step)
    if library not in DESCRIBED or not hasattr(step, "transform"):
        return None
    module: Any = importlib.import_module(f"{__name__}.{library}")
    found: Facts | None = module.facts(step)
    return found


def names(step: object) -> tuple[str, ...] | None:
    """Return the columns that sklearn-pandas' mapper looks at; None for any other step."""
    return sklearn_pandas.names(step) if library_of(step) == "sklearn_pandas" else None


def library_of(value: object) -> str | None:
    """Return the library that a value's class is from, if it is one of these."""
    name = type(value).__module__.partition(".")[0]
    return name if name in DISTRIBUTIONS else None


def is_sampler(step: object) -> bool:
    """Whether a step resamples the rows of a fit, and does nothing when a model is asked."""
    return hasattr(step, "fit_resample")
