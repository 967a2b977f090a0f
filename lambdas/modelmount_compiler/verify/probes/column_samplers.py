"""Samplers of one column: typical values as the model learned them, and edge cases."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.verify.probes.learned_values import to_json
from modelmount_compiler.verify.probes.text_generator import UNUSUAL_WORDS, TextGenerator

Vector = NDArray[np.float64]

# 2**53 + 1 is the first integer that a float64 can't hold, 2**63 the first that an int64 can't.
# 3.4e38 and more overflow float32, to which trees cast their input.
EXTREMES = (1e30, -1e30, 3.4e38, -3.5e38, 1e300, -1e300, 5e-324, -1e-40, 2**53 + 1, 2**63, 10**25)


class ColumnSampler(Protocol):
    """Samples values of one column."""

    def typical(self, n: int) -> list[Any]:
        """Return n values that the model is likely to accept."""

    def edge_cases(self) -> list[Any]:
        """Return values that a model may treat specially or refuse; each deserves its own row."""


class NumberSampler:
    """Samples a column of numbers.

    Args:
        critical: sorted finite values at which the model's behaviour changes; may be empty.
        rng: draws the values.
        signed: whether the model accepts negative numbers.
    """

    def __init__(self, critical: Vector, rng: np.random.Generator, *, signed: bool = True) -> None:
        self._critical = critical
        self._rng = rng
        self._signed = signed

    def without_sign(self) -> "NumberSampler":
        """Return a sampler of the same numbers that gives their absolute values."""
        return NumberSampler(self._critical, self._rng, signed=False)

    def typical(self, n: int) -> list[Any]:
        return self._listed(self._vector(n))

    def scaled(self, scales: Vector) -> list[Any]:
        """Return normal random numbers multiplied by these scales."""
        return self._listed(self._rng.normal(size=len(scales)) * scales)

    def _listed(self, values: Vector) -> list[Any]:
        return list((values if self._signed else np.abs(values)).tolist())

    def _vector(self, n: int) -> Vector:
        """Return n numbers: half of the learned range and its surroundings, half critical."""
        if not len(self._critical):
            return self._rng.normal(size=n) * 10.0 ** self._rng.integers(-1, 3, n)
        low, high = float(self._critical[0]), float(self._critical[-1])
        margin = (high - low) / 4 or max(abs(low), 1.0)
        values = self._rng.uniform(low - margin, high + margin, n)
        near = self._rng.random(n) < 0.5
        close = adjacent_floats(self._rng.choice(self._critical, n))
        chosen = close[np.arange(n), self._rng.integers(0, close.shape[1], n)]
        return np.where(near & np.isfinite(chosen), chosen, values)

    def edge_cases(self) -> list[Any]:
        whole = [int(v) for v in self._critical[:1] if abs(v) < 1e15]
        return [None, True, False, 0, -0.0, 1, *whole, *EXTREMES, "", "3.5", "many"]


class CategorySampler:
    """Samples a column of categories: strings, numbers, or both.

    Args:
        categories: the fitted categories; not empty.
        rng: draws the values.
    """

    def __init__(self, categories: Sequence[Any], rng: np.random.Generator) -> None:
        self._categories = [to_json(value) for value in categories]
        self._rng = rng

    def typical(self, n: int) -> list[Any]:
        chosen = self._rng.integers(0, len(self._categories), n)
        return [self._categories[i] for i in chosen]

    def edge_cases(self) -> list[Any]:
        some = [self._categories[i] for i in self._rng.permutation(len(self._categories))[:3]]
        similar = (other for value in some for other in _similar(value))
        return [*similar, None, *UNUSUAL_WORDS, 7, 0.5]


class TextSampler:
    """Samples a column of texts."""

    def __init__(self, vocabulary: Sequence[str], rng: np.random.Generator) -> None:
        self._generator = TextGenerator(vocabulary, rng)

    def typical(self, n: int) -> list[Any]:
        return [self._generator.text() for _ in range(n)]

    def edge_cases(self) -> list[Any]:
        return [*self._generator.edge_cases(), None]


def adjacent_floats(values: Vector) -> Vector:
    """Return ten floats at and next to each value: float64 of shape (n, 10).

    These are the value itself and the next floats of 64 and of 32 bits. The points halfway
    between floats of 32 bits are there too, because a cast to float32 rounds up from them on.
    """
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
        below, above = (np.nextafter(single, np.float32(way)) for way in (-np.inf, np.inf))
        middle = (single.astype(np.float64) + above) / 2
        found = (
            *(values, np.nextafter(values, -np.inf), np.nextafter(values, np.inf)),
            *(single, below, above, (single.astype(np.float64) + below) / 2),
            *(middle, np.nextafter(middle, -np.inf), np.nextafter(middle, np.inf)),
        )
    return np.stack(found, axis=1).astype(np.float64)


def _similar(value: object) -> list[Any]:
    """Return values that look like this one and aren't it."""
    if isinstance(value, str):
        return [
            value.upper(),
            value.title(),
            f" {value}",
            f"{value} ",
            f"{value}\u0301",
            value[:-1],
        ]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [str(value), int(bool(value))]
    near = [float(np.nextafter(value, way)) for way in (-np.inf, np.inf)]
    return [*near, value + 0.5, -value, str(value), float(value), bool(value)]
