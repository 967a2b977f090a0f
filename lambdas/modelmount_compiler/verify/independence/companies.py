"""Puts rows together: companies in which a row's answer may be another than alone."""

from collections.abc import Iterator
from typing import Any

import numpy as np

MOVED_BY = 1e-6
LARGEST = 64  # rows in a company

# Positions in the pool of rows.
Company = list[int]


def companies_of(positions: list[int], width: int | None) -> Iterator[Company]:
    """Yield companies of some rows: in order, backwards, twice the same one, two, and a square.

    Args:
        width: how many values a row has: a transpose gives that many rows the right count.
    """
    yield positions
    yield positions[::-1]
    yield [*positions[:2], positions[0]]
    yield positions[-2:]
    if width is not None and 1 < width <= LARGEST and width != len(positions):
        yield [positions[i % len(positions)] for i in range(width)]


def moved(row: Any, rng: np.random.Generator) -> Any:
    """Return a row whose numbers are a millionth away, so that nothing ties there."""
    if isinstance(row, dict):
        return {name: _moved(value, rng) for name, value in row.items()}
    return [_moved(value, rng) for value in row] if isinstance(row, list) else row


def _moved(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, list):
        return moved(value, rng)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return value + (abs(value) or 1.0) * MOVED_BY * float(rng.uniform(-1, 1))
