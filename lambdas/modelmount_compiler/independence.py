"""The record of whether the rows of a request influence each other's answers."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Independence:
    """What asking rows alone, in company and in another order showed.

    Attributes:
        rows: `independent` where every row's answer was the same each time. `dependent` where
            one was another. `unknown` where that couldn't be seen.
        probes: rows that were asked alone and in company, of all methods together.
        reason: why they aren't independent, or why that is unknown, for people; None otherwise.
    """

    rows: Literal["independent", "dependent", "unknown"]
    probes: int = 0
    reason: str | None = None
