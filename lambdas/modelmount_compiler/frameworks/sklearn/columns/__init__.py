"""The types of an estimator's columns, as its fit left them in its steps."""

from modelmount_compiler.frameworks.sklearn.columns.settled import column_types

__all__ = ["column_types"]
