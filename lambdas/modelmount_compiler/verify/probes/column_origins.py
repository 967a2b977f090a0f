"""Traces columns inside an estimator back to the columns of the input."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# These scale each column by itself and have an inverse transform.
SCALERS = (
    *("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler"),
    *("PowerTransformer", "QuantileTransformer"),
)


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """The input column that a column inside an estimator was computed from.

    Attributes:
        column: position of the column in the input.
        inverse: turns values of the inner column into values of the input column.
    """

    column: int
    inverse: Callable[[Vector], Vector] = field(default=lambda values: values)


# One for each column at some place inside an estimator; None for a column of unknown origin.
Origins = Sequence[ColumnOrigin | None]


def output_origins(transformer: Any, origins: Origins) -> Origins:
    """Return the origins of a transformer's output columns; empty if they are unknown."""
    name = type(transformer).__name__
    if name in SCALERS:
        return [_before_scaler(transformer, i, len(origins), o) for i, o in enumerate(origins)]
    if name == "SimpleImputer" and transformer.statistics_.dtype.kind == "f":
        return _before_imputer(transformer, origins)
    if hasattr(transformer, "get_support") and len(origins):
        kept = zip(origins, transformer.get_support(), strict=False)
        return [origin for origin, keep in kept if keep]
    is_identity = name == "FunctionTransformer" and transformer.func is None
    return origins if is_identity else ()


def _before_imputer(imputer: Any, origins: Origins) -> Origins:
    pairs = zip(origins, imputer.statistics_, strict=False)
    kept = [origin for origin, statistic in pairs if not np.isnan(statistic)]
    if not imputer.add_indicator:
        return kept
    return [*kept, *[None] * len(imputer.indicator_.features_)]


def _before_scaler(
    scaler: Any,
    column: int,
    width: int,
    origin: ColumnOrigin | None,
) -> ColumnOrigin | None:
    """Compose the scaler's inverse transform of one column with the inverse before it."""
    if origin is None:
        return None

    def inverse(values: Vector) -> Vector:
        scaled = np.zeros((len(values), width))
        scaled[:, column] = values
        return origin.inverse(scaler.inverse_transform(scaled)[:, column])

    return ColumnOrigin(origin.column, inverse)
