"""The `Server-Timing` header of answers: https://www.w3.org/TR/server-timing/."""

from collections.abc import Sequence

from serving.api.routing import JSON, Response
from serving.service.query import Answer


def timed(answers: Sequence[Answer], body: bytes) -> Response:
    """Return a response of JSON that tells how long each of the answers took."""
    timing = ", ".join(map(_timing, answers)) if len(answers) > 1 else _timing(answers[0])
    return Response(200, body, {"content-type": JSON, "server-timing": timing})


def _timing(answer: Answer) -> str:
    if answer.load_ms is None:
        return f"cache;desc=hit, predict;dur={answer.predict_ms:.3f}"
    load = f"cache;desc=miss, load;dur={answer.load_ms:.3f}"
    return f"{load}, predict;dur={answer.predict_ms:.3f}"
