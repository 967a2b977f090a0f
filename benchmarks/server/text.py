"""Text generation for 16 clients: requests that run together against one by one."""

import contextlib
import json
import statistics
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.server import load
from benchmarks.server.contestants import ALL
from benchmarks.server.processes import serving
from tests.lambdas.container import tiny_gpt

CLIENTS = 16
PARAMETERS = {"max_new_tokens": 32}
BATCHES = {"together": "64", "one by one": "1"}


def measure(root: Path, rounds: int, seconds: float) -> dict[str, float]:
    """Return medians of requests a second, and their ratio."""
    sent = load.request(
        "/invocations", json.dumps({"text": "Once upon a time", "parameters": PARAMETERS}).encode()
    )
    rates: dict[str, list[float]] = {name: [] for name in BATCHES}
    with contextlib.ExitStack() as stack:
        ports = {}
        for name, most in BATCHES.items():
            folder = tiny_gpt.save(root / name.replace(" ", "-") / "gpt")
            peer = replace(ALL[0], name=name)
            more = {"MODELMOUNT_MAX_BATCH": most}
            up = serving(peer, Path(sys.executable), folder, 0, more)
            ports[name] = stack.enter_context(up)
        for number in range(rounds + 1):
            for name, port in ports.items():
                run = load.run(port, sent, CLIENTS, seconds)
                if number:
                    rates[name].append(run["per_second"])
    medians = {name: round(statistics.median(each), 1) for name, each in rates.items()}
    return {**medians, "ratio": round(medians["together"] / medians["one by one"], 2)}
