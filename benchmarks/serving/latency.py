"""A warm handler against the model's own method in process, for one row and for a hundred."""

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.serving.models import Trained, body
from benchmarks.serving.store import MEMORY_MB
from inference.proxy import Handler
from inference.settings import InferenceSettings
from modelmount_compiler.instances import inputs
from modelmount_compiler.program import file
from serving.records.manifest import Manifest

ROUNDS = 7
SECONDS = 0.15  # of one function in one round


def proxy_event(text: str) -> dict[str, Any]:
    """Return what API Gateway sends for a request with this body."""
    headers = {"content-type": "application/json", "host": "measured"}
    return {
        "httpMethod": "POST",
        "path": "/inference",
        "headers": headers,
        "body": text,
        "isBase64Encoded": False,
    }


def compare(
    trained: Trained, method: str, rows: int, root: Path, manifest: Manifest
) -> dict[str, float]:
    """Return medians in µs of handler, the model's own method and the compiled form by itself.

    Args:
        root: of the repository in which the model is published.
        manifest: of that version.
    """
    handler = Handler.from_settings(
        InferenceSettings(root / "models", ("*",), (), 3600.0, "WARNING", MEMORY_MB)
    )
    batch = trained.rows[:rows]
    event: Any = proxy_event(body(trained.name, batch, method))
    reply = handler(event, None)
    if reply["statusCode"] != 200:
        raise SystemExit(f"{trained.name}: {reply}")
    own = getattr(trained.estimator, method)
    functions = {"handler": lambda: handler(event, None), "own": lambda: own(batch)}
    compilation = manifest.description.compilation
    if compilation is not None and compilation.file is not None:
        program = file.read(root / "models" / trained.name / "versions/1" / compilation.file)
        plain = inputs.for_program(batch.tolist(), manifest.description.signature)
        functions["compiled"] = lambda: program.run(method, plain)  # type: ignore[arg-type]
    return medians(functions)


def medians(functions: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Time functions in turn, round by round; return each one's median of rounds, in µs a call."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for name, function in functions.items():
                times[name].append(_a_call(function))
    finally:
        gc.enable()
    return {name: round(statistics.median(each) * 1e6, 1) for name, each in times.items()}


def _a_call(function: Callable[[], Any]) -> float:
    """Return the median of single calls in so many seconds."""
    calls: list[float] = []
    end = time.perf_counter() + SECONDS
    while not calls or time.perf_counter() < end:
        begun = time.perf_counter()
        function()
        calls.append(time.perf_counter() - begun)
    return statistics.median(calls)
