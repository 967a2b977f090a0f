"""Stands in for the classes of MLflow that a saved Python model extends, where MLflow isn't here.

A model of the flavour `python_function` is a class of its author's that extends `PythonModel`.
MLflow itself is large, and of all of it such a model needs that base class alone.
https://mlflow.org/docs/latest/ml/traditional-ml/tutorials/creating-custom-pyfunc/
"""

import importlib.util
import sys
from types import ModuleType
from typing import Any

NAMES = ("mlflow", "mlflow.pyfunc", "mlflow.pyfunc.model")


class PythonModel:
    """What an author's model extends."""

    def load_context(self, context: Any) -> None:
        """Load what the artifacts hold; an author's model may do so."""


class PythonModelContext:
    """The artifacts of a model: their paths by name.

    Attributes:
        artifacts: path by name.
        model_config: the configuration that it was saved with.
    """

    def __init__(self, artifacts: dict[str, str], model_config: dict[str, Any]) -> None:
        self.artifacts = artifacts
        self.model_config = model_config


for _class in (PythonModel, PythonModelContext):
    _class.__module__ = NAMES[-1]  # as pickles name them


def provide() -> None:
    """Put the classes where pickles look for them, unless MLflow is installed."""
    if NAMES[0] in sys.modules or importlib.util.find_spec(NAMES[0]) is not None:
        return
    modules = [ModuleType(name) for name in NAMES]
    for module in modules:
        module.__path__ = []  # a package
        sys.modules[module.__name__] = module
    for module in modules[1:]:
        vars(module).update(PythonModel=PythonModel, PythonModelContext=PythonModelContext)
    vars(modules[0]).update(pyfunc=modules[1])
    vars(modules[1]).update(model=modules[2])
