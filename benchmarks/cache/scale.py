"""A cached model's request where the repository holds one model, and where it holds many."""

import gc
import json
import multiprocessing
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.cache.models import ROW, publish
from inference.proxy import Handler
from inference.settings import InferenceSettings

SIZE = 128  # bytes: one output of eight columns
FEATURES = 8
ROUNDS = 800
CALLS = 25
MEMORY_MB = 2048
Event = Any  # of API Gateway


def compare(root: Path, models: int) -> dict[str, float]:
    """Return the p50 in µs with one model and with `models`, and seconds for the list of them."""
    sizes = {"one": 1, "many": models}
    for name, size in sizes.items():
        _fill(root / name, size)
    handlers = {name: _handler(root / name) for name in sizes}
    event = _event("POST", "/inference", json.dumps({"model": "m0", "instances": [ROW[:FEATURES]]}))
    times: dict[str, list[float]] = {name: [] for name in handlers}
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for name, handler in handlers.items():
                times[name].extend(_calls(handler, event))
    finally:
        gc.enable()
    p50 = {name: round(statistics.median(each) * 1e6, 2) for name, each in times.items()}
    listing = _event("GET", "/models", None)
    begun = time.perf_counter()
    listed = json.loads(handlers["many"](listing, None)["body"])["models"]
    seconds = round(time.perf_counter() - begun, 3)
    ratio = round(p50["many"] / p50["one"], 4)
    return {**p50, "ratio": ratio, "listed": len(listed), "list_seconds": seconds}


def _fill(root: Path, models: int) -> None:
    """Publish in a process of its own: what that leaves in the heap would be in the way here."""
    maker = multiprocessing.get_context("spawn").Process(target=fill, args=(root, models))
    maker.start()
    maker.join()


def fill(root: Path, models: int) -> None:
    """Lay out a repository of so many small models."""
    for number in range(models):
        publish(root, f"m{number}", 1, SIZE, 1.0, features=FEATURES)


def _handler(root: Path) -> Handler:
    settings = InferenceSettings(root / "models", ("*",), (), 1.0, "WARNING", MEMORY_MB)
    return Handler.from_settings(settings)


def _calls(handler: Handler, event: Event) -> list[float]:
    calls = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        reply = handler(event, None)
        calls.append(time.perf_counter() - begun)
        if reply["statusCode"] != 200:
            raise SystemExit(f"{reply}")
    return calls


def _event(method: str, path: str, body: str | None) -> Event:
    event = {"httpMethod": method, "path": path, "headers": None, "body": body}
    return {**event, "isBase64Encoded": False}
