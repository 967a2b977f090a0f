"""The scikit-learn runtime: loads estimators with joblib or skops, and calls their own methods."""

from modelmount_compiler.frameworks.sklearn.description import describe
from modelmount_compiler.frameworks.sklearn.input_types import input_converter
from modelmount_compiler.frameworks.sklearn.loading import load
from modelmount_compiler.frameworks.sklearn.model import Model

__all__ = ["PACKAGES", "Model", "describe", "input_converter", "load"]

PACKAGES = ("scikit-learn", "numpy", "scipy", "joblib", "skops", "pandas")
