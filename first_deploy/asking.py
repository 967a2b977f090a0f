"""Models asked as a caller asks them."""

import math
from typing import Any

from first_deploy.access import Answer
from first_deploy.models import FirstModel
from first_deploy.result import Differs
from first_deploy.stage import Stage

UPLOAD_SECONDS = 300.0
TOLERANCE = 1e-9


def inferred(stage: Stage, model: FirstModel, rows: list[Any]) -> Answer:
    """Ask a model for predictions; raises Differs unless it answers."""
    answer = stage.access.infer(model.name, rows)
    if answer.status != 200:
        raise Differs(f"{model.name}: {answer.text}")
    return answer


def ok(answer: Answer) -> Answer | None:
    """Return an answer of 200, and None for another."""
    return answer if answer.status == 200 else None


def is_close(found: Any, expected: Any) -> bool:
    """Whether predictions equal the model's own, numbers within a billionth."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(is_close, found, expected))
    return math.isclose(found, expected, rel_tol=TOLERANCE)
