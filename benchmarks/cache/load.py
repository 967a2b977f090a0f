"""Many threads ask models that don't fit into memory together, as often as Zipf's law has it."""

import itertools
import json
import math
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cache import ideal
from benchmarks.cache.models import ROW, publish
from serving.api.application import Application, Request
from serving.cache import memory
from serving.repository.model_reader import ModelReader
from serving.service.loading import FIXED_BYTES
from serving.service.service import Service

MIB = 1024 * 1024
SMALLEST, LARGEST = 5 * MIB, 100 * MIB
REFRESH_SECONDS = 0.25
REPLACE_SECONDS = 0.1
# Between two requests of all threads together, on average, beside the time they take.
PAUSE_SECONDS = 0.0125
# Who is refused asks again, sooner than Retry-After says.
RETRY_SECONDS = 0.02
INSTANCE = json.dumps(ROW)
STATUS = Path("/proc/self/status")
Key = tuple[int, str]


@dataclass(slots=True)
class Asked:
    """A request: for which model, which version answered, and whether that was in memory."""

    number: int
    version: str = ""
    is_hit: bool = False


@dataclass
class Load:
    """A repository under load; what was asked is kept in the order of arrival."""

    root: Path
    models: int
    budget: int
    threads: int = 16
    seed: int = 0
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    trace: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = random.Random(self.seed)  # noqa: S311 (a load, not a secret)
        spread = math.log(LARGEST / SMALLEST)
        steps = [i / max(1, self.models - 1) for i in range(self.models)]
        self.sizes = [int(SMALLEST * math.exp(spread * step)) for step in steps]
        rng.shuffle(self.sizes)
        self.newest = [1] * self.models
        for number in range(self.models):
            self._publish(number)
        self.application = Application(
            Service(
                ModelReader(self.root / "models"),
                budget_bytes=self.budget,
                refresh_seconds=REFRESH_SECONDS,
            ),
            allowed_origins=("*",),
            max_answer_bytes=2**30,
        )

    def run(self, seconds: float, *, replacing: bool) -> dict[str, float]:
        """Ask for so long, with versions replaced meanwhile or not; return the figures."""
        end = time.monotonic() + seconds
        idle = memory.resident_bytes()
        with ThreadPoolExecutor(self.threads + 1) as pool:
            done = [pool.submit(self._ask_until, end, thread) for thread in range(self.threads)]
            if replacing:
                done.append(pool.submit(self._replace_until, end))
            for each in done:
                each.result()
        return self._figures(idle)

    def _ask_until(self, end: float, thread: int) -> None:
        rng = random.Random(f"{self.seed} {thread}")  # noqa: S311 (as above)
        weights = list(itertools.accumulate(1 / rank for rank in range(1, self.models + 1)))
        while time.monotonic() < end:
            (number,) = rng.choices(range(self.models), cum_weights=weights)
            asked = Asked(number)
            self.trace.append(asked)
            while not self._answers(asked):
                time.sleep(RETRY_SECONDS)
            time.sleep(rng.expovariate(1 / (self.threads * PAUSE_SECONDS)))

    def _answers(self, asked: Asked) -> bool:
        body = f'{{"model": "m{asked.number}", "instances": [{INSTANCE}]}}'.encode()
        reply = self.application.respond(Request("POST", "/inference", {}, body))
        if reply.status == 503 and reply.headers.get("retry-after"):
            self.refused += 1
            return False
        told = json.loads(reply.body)
        if reply.status != 200:
            self.wrong.append(f"{reply.status} {told}")
            return True
        asked.version, asked.is_hit = told["version"], "hit" in reply.headers["server-timing"]
        if set(told["predictions"][0]) != {self._value(asked.number, int(asked.version))}:
            self.wrong.append(f"{asked}: {told['predictions'][0][:3]}")
        return True

    def _replace_until(self, end: float) -> None:
        rng = random.Random(self.seed)  # noqa: S311 (as above)
        pause = threading.Event()
        while not pause.wait(REPLACE_SECONDS) and time.monotonic() < end:
            number = int(rng.paretovariate(0.5)) % self.models
            self.newest[number] += 1
            self._publish(number)

    def _publish(self, number: int) -> None:
        version, size = self.newest[number], self.sizes[number]
        publish(self.root, f"m{number}", version, size, self._value(number, version))

    def _value(self, number: int, version: int) -> float:
        return 2.0 * (number * 1_000_000 + version)

    def _figures(self, idle: int) -> dict[str, float]:
        trace = [(asked.number, asked.version) for asked in self.trace]
        sizes = {key: self.sizes[key[0]] + FIXED_BYTES for key in trace}
        return {
            "budget": self.budget,
            "idle": idle,
            "peak": peak_bytes(),
            "requests": len(trace),
            "wrong": len(self.wrong),
            "refused": self.refused,
            "replaced": sum(self.newest) - self.models,
            "hit_ratio": sum(asked.is_hit for asked in self.trace) / len(trace),
            "ideal_hit_ratio": ideal.hit_ratio(trace, sizes, self.budget),
        }


def peak_bytes() -> int:
    """Return the most resident memory that this process ever had."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
