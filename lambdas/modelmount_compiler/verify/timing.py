"""Which form answers sooner, by method and number of rows."""

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelmount_compiler.compilation import MethodProof, Timing
from modelmount_compiler.signature import Method

Infer = Callable[[list[Any], Method], list[Any]]
Measure = Callable[[int], Timing]

ALWAYS, ON_DOUBT = (1, 100), (10, 1000)
CLEAR = 2.0  # so many times faster at a hundred rows stays faster at a thousand
MOST_CALLS = 301

_LOAD = """
import sys, time
from pathlib import Path
import numpy
started = time.perf_counter()
from modelmount_compiler.program import file
file.read(Path(sys.argv[1]))
print((time.perf_counter() - started) * 1000)
"""


def measure(
    original: Infer, compiled: Infer, method: Method, instances: list[Any], seconds: float
) -> Timing:
    """Time both forms on the same instances, one call of each in turns, for up to so many seconds.

    At least three calls are made. Garbage collection waits.
    """
    times: tuple[list[float], list[float]] = ([], [])
    forms = (original, compiled)
    for infer in forms:
        infer(instances, method)
    end = time.perf_counter() + seconds
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        while len(times[0]) < 3 or (time.perf_counter() < end and len(times[0]) < MOST_CALLS):
            for infer, took in zip(forms, times, strict=True):
                started = time.perf_counter()
                infer(instances, method)
                took.append(time.perf_counter() - started)
    finally:
        if was_enabled:
            gc.enable()
    slow, fast = (round(statistics.median(took) * 1e6, 2) for took in times)
    return Timing(len(instances), slow, fast)


def decide(proof: MethodProof, measured: Measure) -> MethodProof:
    """Add to a proof for how many rows the compiled form is the faster one.

    One row and a hundred are always measured; ten and a thousand where these two disagree, or
    where the hundred don't settle what happens beyond. The compiled form gets the measured sizes
    at which it isn't slower, and what lies between them; beyond a thousand what holds there.
    """
    timings = [measured(rows) for rows in ALWAYS]
    one, hundred = (_is_faster(t) for t in timings)
    if one != hundred:
        timings.append(measured(10))
    if hundred and timings[1].original_us < CLEAR * timings[1].compiled_us:
        timings.append(measured(1000))
    timings.sort(key=lambda t: t.rows)
    proof = replace(proof, timings=tuple(timings))
    won = _first_run(timings)
    if not won:
        best = max(timings, key=lambda t: t.original_us / t.compiled_us)
        reason = (
            f"it is slower than the model: {best.compiled_us:.0f} µs against "
            f"{best.original_us:.0f} µs for {_rows(best.rows)}"
        )
        return replace(proof, reason=reason)
    most = None if won[-1] == timings[-1].rows else won[-1]
    return replace(proof, min_rows=won[0], max_rows=most)


def load_ms(path: Path) -> float:
    """Measure how long a fresh process takes to load a program, NumPy's import not counted.

    Raises:
        subprocess.SubprocessError: it couldn't.
    """
    run = subprocess.run(  # noqa: S603 (this interpreter, our own code)
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{_LOAD}", str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return round(float(run.stdout), 2)


def _is_faster(timing: Timing) -> bool:
    return timing.compiled_us <= timing.original_us


def _first_run(timings: Sequence[Timing]) -> list[int]:
    """Return the first sizes, one next to the other, at which the compiled form isn't slower."""
    run: list[int] = []
    for timing in timings:
        if _is_faster(timing):
            run.append(timing.rows)
        elif run:
            break
    return run


def _rows(count: int) -> str:
    return "one row" if count == 1 else f"{count} rows"
