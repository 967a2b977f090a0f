"""Which column of the input a column inside an estimator is, and how its values follow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# Scale each column by itself, and can undo it.
SCALERS = (
    *("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler"),
    *("PowerTransformer", "QuantileTransformer"),
)


@dataclass(frozen=True, slots=True)
class Lens:
    """How a column inside an estimator follows from one of the input's, seen backwards."""

    source: int
    back: Callable[[Vector], Vector] = field(default=lambda values: values)


Lenses = Sequence[Lens | None]


def after(part: Any, lenses: Lenses) -> Lenses:  # noqa: ANN401 (an estimator)
    """Tell how the columns of a transformer's output follow from the input's."""
    name = type(part).__name__
    if name in SCALERS:
        return [_before(part, i, len(lenses), lens) for i, lens in enumerate(lenses)]
    if name == "SimpleImputer" and part.statistics_.dtype.kind == "f":
        kept = [lens for lens, s in zip(lenses, part.statistics_, strict=False) if not np.isnan(s)]
        return kept if not part.add_indicator else [*kept, *[None] * len(part.indicator_.features_)]
    if hasattr(part, "get_support") and len(lenses):
        return [lens for lens, keep in zip(lenses, part.get_support(), strict=False) if keep]
    return lenses if name == "FunctionTransformer" and part.func is None else ()


def _before(scaler: Any, column: int, width: int, lens: Lens | None) -> Lens | None:  # noqa: ANN401
    """Look through a scaler, backwards, at one column."""
    if lens is None:
        return None

    def back(values: Vector) -> Vector:
        scaled = np.zeros((len(values), width))
        scaled[:, column] = values
        return lens.back(scaler.inverse_transform(scaled)[:, column])

    return Lens(lens.source, back)
