"""Values of one column: ordinary ones, as learned, and odd ones, as users send them."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.verify.probes.text_generator import UNUSUAL_WORDS, Wording

Vector = NDArray[np.float64]

# 2**53 + 1 is the first integer that a float64 can't hold, 2**63 the first that an int64 can't;
# 3.4e38 and more overflow float32, which is what trees turn their input into.
FAR = (1e30, -1e30, 3.4e38, -3.5e38, 1e300, -1e300, 5e-324, -1e-40, 2**53 + 1, 2**63, 10**25)


class Column(Protocol):
    """What to send in one column."""

    def draw(self, n: int) -> list[Any]:
        """Return n values that the model is likely to take."""

    def odd(self) -> list[Any]:
        """Return values that it may take otherwise, or refuse; each is worth a row of its own."""


class Numbers:
    """A column of numbers.

    Args:
        landmarks: sorted finite values that matter to the model; may be empty.
        signed: whether the model takes negative numbers.
    """

    def __init__(self, landmarks: Vector, rng: np.random.Generator, *, signed: bool = True) -> None:
        self._landmarks = landmarks
        self._rng = rng
        self._signed = signed

    def positive(self) -> "Numbers":
        """Return a column of the same numbers without their signs."""
        return Numbers(self._landmarks, self._rng, signed=False)

    def draw(self, n: int) -> list[Any]:  # noqa: D102
        return self._listed(self._vector(n))

    def wide(self, scales: Vector) -> list[Any]:
        """Return numbers of these scales, whatever was learned."""
        return self._listed(self._rng.normal(size=len(scales)) * scales)

    def _listed(self, values: Vector) -> list[Any]:
        return list((values if self._signed else np.abs(values)).tolist())

    def _vector(self, n: int) -> Vector:
        """Return n numbers: from the learned range and a little beyond, and close to landmarks."""
        if not len(self._landmarks):
            return self._rng.normal(size=n) * 10.0 ** self._rng.integers(-1, 3, n)
        low, high = float(self._landmarks[0]), float(self._landmarks[-1])
        margin = (high - low) / 4 or max(abs(low), 1.0)
        values = self._rng.uniform(low - margin, high + margin, n)
        near = self._rng.random(n) < 0.5
        close = neighbours(self._rng.choice(self._landmarks, n))
        chosen = close[np.arange(n), self._rng.integers(0, close.shape[1], n)]
        return np.where(near & np.isfinite(chosen), chosen, values)

    def odd(self) -> list[Any]:  # noqa: D102
        whole = [int(v) for v in self._landmarks[:1] if abs(v) < 1e15]
        return [None, True, False, 0, -0.0, 1, *whole, *FAR, "", "3.5", "many"]


class Categories:
    """A column of known values: strings, numbers, or both.

    Args:
        known: what the model was fitted on; not empty.
        landmarks: as of `Numbers`.
    """

    def __init__(self, known: Sequence[Any], landmarks: Vector, rng: np.random.Generator) -> None:
        self._known = [_json(value) for value in known]
        self._landmarks = landmarks
        self._rng = rng

    def draw(self, n: int) -> list[Any]:  # noqa: D102
        return [self._known[i] for i in self._rng.integers(0, len(self._known), n)]

    def odd(self) -> list[Any]:  # noqa: D102
        some = [self._known[i] for i in self._rng.permutation(len(self._known))[:3]]
        return [*(odd for value in some for odd in _alike(value)), None, *UNUSUAL_WORDS, 7, 0.5]


class Texts:
    """A column of texts, or the texts of a model that takes nothing else."""

    def __init__(self, words: Sequence[str], rng: np.random.Generator) -> None:
        self._wording = Wording(words, rng)

    def draw(self, n: int) -> list[Any]:  # noqa: D102
        return [self._wording.text() for _ in range(n)]

    def odd(self) -> list[Any]:  # noqa: D102
        return [*self._wording.unusual(), None]


def neighbours(values: Vector) -> Vector:
    """Return what lies next to each value, of shape (n,): float64 of shape (n, 10).

    Besides the next floats of 64 and of 32 bits these are the points halfway between floats of 32
    bits: there a number that is cast to float32 goes over from one to the next.
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


def _json(value: Any) -> Any:  # noqa: ANN401 (a JSON scalar or what NumPy makes of one)
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and np.isnan(value) else value


def _alike(value: object) -> list[Any]:
    """Return values that look like this one."""
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
