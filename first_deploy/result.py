"""What becomes of a check."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["as expected", "differs", "failed", "left out", "not reached", "by hand"]


class Differs(Exception):
    """The answer isn't the one that is expected; the text is the answer."""


@dataclass(frozen=True)
class Result:
    """What became of a check."""

    number: int
    outcome: Outcome
    answer: str
    seconds: float = 0.0
