"""The setting `memory_mb` that the deployed models need.

The rules are those of docs/capacity.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

MIB = 1024 * 1024
# What inference keeps for Python, the libraries and a request: `RESERVED_MB` of its proxy.
RESERVED_MB = 512
LEAST_MB, MOST_MB = 512, 10_240
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
PROCESSOR_MB = 1769
NEW_ACCOUNT_MB = 3008


@dataclass(frozen=True)
class ServedModel:
    """A model as the function `Publish` tells of it.

    Attributes:
        memory_bytes: that the uploaded form takes.
        compiled_bytes: that the compiled form takes; 0 where there is none.
        compiled: which methods the compiled form answers.
        one_row_us: measured for one row when it was prepared; None where it wasn't.
    """

    model: str
    format: str
    memory_bytes: int
    compiled_bytes: int
    compiled: Literal["all", "some", "none"]
    one_row_us: float | None

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "ServedModel":
        """Read one entry; later versions may add fields."""
        return cls(**{name: found[name] for name in cls.__dataclass_fields__})

    @property
    def size(self) -> int:
        """Bytes that it takes in an instance that answers every method of it."""
        original = 0 if self.compiled == "all" else self.memory_bytes
        return original + self.compiled_bytes


@dataclass(frozen=True)
class Recommendation:
    """A value of `memory_mb`, and why."""

    memory_mb: int
    reasons: tuple[str, ...]


def recommend(models: Sequence[ServedModel]) -> Recommendation:
    """Return the least memory that holds all models, prepares each, and has a whole processor."""
    if not models:
        return Recommendation(PROCESSOR_MB, ("No model serves yet: this is one processor.",))
    needs = [_held(models), _prepared(models), _processor(models)]
    most = max(needs)
    reasons = [text for _, text in sorted(needs, reverse=True)]
    if most[0] > MOST_MB:
        reasons.append(
            f"No function has more than {MOST_MB:,} MB: models that are seldom asked give way."
        )
    memory_mb = min(max(most[0], LEAST_MB), MOST_MB)
    if memory_mb > NEW_ACCOUNT_MB:
        reasons.append(f"A new account refuses more than {NEW_ACCOUNT_MB:,} MB.")
    return Recommendation(memory_mb, tuple(reasons))


def _held(models: Sequence[ServedModel]) -> tuple[int, str]:
    largest = max(models, key=lambda model: model.size)
    total = sum(model.size for model in models)
    # A new version of the largest is loaded while the one before still answers.
    needed = RESERVED_MB + _mb(total + largest.size)
    text = (
        f"{needed:,} MB hold all {len(models)} models ({_mb(total):,} MB), "
        f"and a new version beside the largest, {largest.model!r}"
    )
    return needed, text


def _prepared(models: Sequence[ServedModel]) -> tuple[int, str]:
    largest = max(models, key=lambda model: model.memory_bytes)
    # Unpickling may hold the largest array twice (docs/adr/0012-cache-by-measured-memory.md).
    needed = RESERVED_MB + _mb(2 * largest.memory_bytes)
    return needed, f"{needed:,} MB prepare another version of {largest.model!r}"


def _processor(models: Sequence[ServedModel]) -> tuple[int, str]:
    own = sum(model.compiled != "all" for model in models)
    text = f"{PROCESSOR_MB:,} MB are one processor, which a thread can use"
    if own:
        return PROCESSOR_MB, f"{text}; {own} models are served as uploaded, by Python's one thread"
    return PROCESSOR_MB, f"{text}; all models are compiled"


def _mb(size: int) -> int:
    return math.ceil(size / MIB)
