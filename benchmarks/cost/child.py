"""What runs under a processor's share: warm calls of one model, or one cold start.

    python -m benchmarks.cost.child warm|cold ROOT MODEL BODY

prints milliseconds.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.serving import cold_start, latency
from benchmarks.serving.__main__ import LAMBDAS, serving_environment
from benchmarks.serving.store import MEMORY_MB
from inference.proxy import Handler
from inference.settings import InferenceSettings

SECONDS = 1.5
# With a small share the framework isn't imported within the first call's time.
STARTS = 5


def warm(root: Path, _model: str, event: Any) -> float:
    """Return the mean of single calls: a quota that is used up shows in the mean alone."""
    settings = InferenceSettings(root / "models", ("*",), (), 3600.0, "WARNING", MEMORY_MB)
    handler = Handler.from_settings(settings)
    for _ in range(STARTS):
        reply = handler(event, None)
        if reply["statusCode"] == 200:
            break
    else:
        raise SystemExit(f"{reply}")
    calls, begun = 0, time.perf_counter()
    while calls < 2 or time.perf_counter() < begun + SECONDS:
        handler(event, None)
        calls += 1
    return (time.perf_counter() - begun) / calls * 1000


def cold(root: Path, model: str, event: Any) -> float:
    """Return the time from the start of a process to its first answer."""
    handler, environment = "inference.handler.handler", serving_environment(root, model)
    milliseconds, answer = cold_start.first_answer(handler, LAMBDAS, environment, event)
    if answer["statusCode"] != 200:
        raise SystemExit(f"{answer}")
    return milliseconds


PARTS: dict[str, Callable[[Path, str, Any], float]] = {"warm": warm, "cold": cold}

if __name__ == "__main__":
    _, part, folder, name, body = sys.argv
    print(PARTS[part](Path(folder), name, latency.proxy_event(body)))
