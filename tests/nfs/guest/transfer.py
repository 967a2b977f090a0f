"""How long a large compiled form takes to load and to answer, mapped and read.

Argument: the milliseconds that each packet is delayed, so a request takes twice as many.
"""

import os
import statistics
import subprocess
import time
from unittest.mock import patch

import numpy as np

from modelmount_compiler.program import safetensors
from tests.nfs.guest import clients
from tests.nfs.guest.report import found

MEBIBYTES = 64
TOUCHED = 500  # about as many places as trees of a forest have leaves for one row
ROUNDS = 3


def main(delay_ms: str = "0.5") -> None:
    """Write a file on one client, and load it on another, whose cache is empty each time."""
    safetensors.save(
        clients.path(0) / "big", {"a": np.frombuffer(os.urandom(MEBIBYTES << 20), "<f8")}, {}
    )
    delay = ("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", f"{delay_ms}ms")
    subprocess.run((*delay, "limit", "100000"), check=True)
    found({name: _median(maps) for name, maps in (("mapped", True), ("read", False))})


def _median(maps: bool) -> dict[str, float]:
    rounds = [_round(maps) for _ in range(ROUNDS)]
    return {key: round(statistics.median(each[key] for each in rounds), 3) for key in rounds[0]}


def _round(maps: bool) -> dict[str, float]:
    clients.drop_caches()
    times = [time.perf_counter()]
    with patch.object(safetensors, "_is_local", lambda device: maps):
        array = safetensors.Stored(clients.path(1) / "big").arrays()["a"]
    times.append(time.perf_counter())
    for seed in (1, 2):
        array[np.random.default_rng(seed).integers(0, len(array), TOUCHED)].sum()
        times.append(time.perf_counter())
    load, first, second = np.diff(times)
    return {"load": load, "first answer": first, "second answer": second}
