"""Compares an answer with the original's own, and counts."""

import json
import math
import warnings
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from serving.api.application import Response

REFUSING = range(400, 500)
# The compiled form's bound is 1e-9; originals that compute in single precision have 1e-6.
BOUND, FLOOR = 1e-5, 1e-3


@dataclass
class Outcomes:
    """Counts of answers.

    Attributes:
        kinds: of models; `refused_kinds` of them were refused when they were uploaded.
        right: answers equal to the original's.
        refused: requests that were refused, with a reason.
        refused_alone: of them, those that the original answers.
        wrong: all others, described.
    """

    kinds: int = 0
    refused_kinds: dict[str, str] = field(default_factory=dict)
    right: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    refused_alone: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.kinds} kinds, {len(self.refused_kinds)} of them refused at upload"]
        lines += [
            f"{form}: {self.right[form]:,} right, {self.refused[form]:,} refused with reason "
            f"({self.refused_alone[form]:,} of them answered by the original)"
            for form in sorted({*self.right, *self.refused})
        ]
        lines.append(
            f"in all: {self.right.total():,} right, {self.refused.total():,} refused with reason, "
            f"{len(self.wrong)} wrong"
        )
        return "\n".join(lines)


def own_answer(estimator: Any, method: str, rows: Any) -> list[Any] | Exception:
    """Return the original's own answer, row by row, or its refusal."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = getattr(estimator, method)(rows)
    except Exception as error:
        return error
    if isinstance(found, list):
        return [list(parts) for parts in zip(*(part.tolist() for part in found), strict=True)]
    found = found.toarray() if hasattr(found, "toarray") else found
    answers: list[Any] = np.asarray(found).tolist()
    return answers


def fault(response: Response, expected: list[Any] | Exception, read: Any) -> str | None:
    """Return what is wrong with a response; None where it is right, or refuses with a reason."""
    if response.status in REFUSING:
        return None if _reason(response) else "a refusal without a reason"
    if response.status != 200:
        return f"{response.status} {response.body[:300]!r}"
    found = read(response)
    if isinstance(expected, Exception):
        return f"the original refuses ({expected!r:.200}), and the answer is {found!r:.200}"
    if not is_equal(found, expected):
        return f"the original answers {expected!r:.300}, and the answer is {found!r:.300}"
    return None


def is_equal(found: Any, expected: Any) -> bool:
    """Whether two answers are the same: labels exactly, numbers within the bound."""
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(map(is_equal, found, expected))
        )
    if isinstance(expected, float):
        if found is None or math.isnan(expected):
            return math.isnan(expected) and (found is None or math.isnan(found))
        if not isinstance(found, int | float):
            return False
        return math.isclose(found, expected, rel_tol=BOUND, abs_tol=BOUND * FLOOR)
    return type(found) is type(expected) and bool(found == expected)


def _reason(response: Response) -> str:
    told = json.loads(response.body)
    error = told.get("error", told)
    return str(error.get("message", "") if isinstance(error, dict) else error)
