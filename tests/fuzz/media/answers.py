"""What became of bodies: every one is answered, or refused with a text that says why."""

import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from serving.api.application import Application, Request
from serving.repository.model_reader import ModelReader
from serving.service.service import Service
from tests.fuzz.media import bodies
from tests.lambdas import zoo

MOST_SECONDS = 2.0


def application(root: Path) -> Application:
    """Return an application with a model of each kind."""
    zoo.fill(root)
    service = Service(ModelReader(root / "models"), budget_bytes=2**30, refresh_seconds=3600)
    for model in bodies.MODELS:
        service.load(model)
    return Application(service, allowed_origins=("*",), max_answer_bytes=2**22)


def fuzz(asked: Application, medium: str, seed: int, count: int) -> tuple[Counter[int], list[str]]:
    """Send so many bodies; return how often each status came, and the faults."""
    draw = random.Random(f"{medium} {seed}")
    statuses: Counter[int] = Counter()
    faults = []
    for i in range(count):
        sent = bodies.draw_body(medium, draw)
        begun = time.monotonic()
        response = asked.respond(_request(medium, sent))
        statuses[response.status] += 1
        fault = _fault(response.status, response.body, time.monotonic() - begun)
        if fault:
            faults.append(f"{medium} {seed} {i}: {fault}: {sent}")
    return statuses, faults


def _request(medium: str, sent: bodies.Sent) -> Request:
    if medium == "v2":
        return Request("POST", f"/v2/models/{sent.model}/infer", sent.headers, sent.body)
    if medium == "json":
        return Request("POST", f"/v1/models/{sent.model}:predict", sent.headers, sent.body)
    query = {"model": sent.model}
    return Request("POST", "/inference", sent.headers, sent.body, query)


def _fault(status: int, body: bytes, seconds: float) -> str:
    if status not in (200, 400, 415, 422):
        return f"status {status}"
    if seconds > MOST_SECONDS:
        return f"{seconds:.1f} s"
    if status == 200:
        return ""
    told = json.loads(body)["error"]
    text = told if isinstance(told, str) else told["message"]
    return "" if len(text) > len("No.") else "nothing told"


def run(mediums: list[str], seed: int, count: int) -> list[str]:
    """Fuzz each medium, print what became of the bodies, and return the faults."""
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        asked = application(Path(folder))
        for medium in mediums:
            statuses, found = fuzz(asked, medium, seed, count)
            told = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
            print(f"{medium}: {count} bodies: {told}; faults {len(found)}", flush=True)
            faults += found
    return faults
