"""Settles the type of each column from what an estimator's steps learned about it."""

from typing import Any

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.frameworks.sklearn.columns.evidence import Evidence
from modelmount_compiler.frameworks.sklearn.columns.routing import follow


def column_types(
    estimator: Any, n_features: int, columns: tuple[str, ...] | None
) -> tuple[ColumnType, ...]:
    """Return the type of each column of the input.

    Raises:
        ModelRejected: a column was fitted on values that no request can hold.
    """
    evidence = Evidence(n_features, columns)
    follow(estimator, tuple(range(n_features)), evidence)
    return evidence.settled()
