"""Measures both forms of a model, and decides which row counts the compiled form answers."""

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

MEASURED_ROWS = (1, 100)
CLEAR_SPEEDUP = 2.0  # a form this much faster at 100 rows is still faster at 1,000
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
    """Time both forms on the same instances, by alternating calls.

    Each form gets at least three calls. Garbage collection is off meanwhile.

    Args:
        original: calls the original.
        compiled: calls the compiled form.
        method: the method to call.
        instances: JSON instances, which both forms accept.
        seconds: limit for all calls together.

    Returns:
        the medians of both forms.
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


def decide_rows(proof: MethodProof, measure_at: Measure) -> MethodProof:
    """Add the row counts to a proof for which the compiled form isn't slower.

    The function always measures 1 and 100 rows. It measures 10 rows if these two disagree.
    It measures 1,000 rows if the speed-up at 100 is below `CLEAR_SPEEDUP`.
    The result holds between measured counts too. Beyond 1,000 rows, the last one decides.
    """
    timings = [measure_at(rows) for rows in MEASURED_ROWS]
    one, hundred = (_is_faster(t) for t in timings)
    if one != hundred:
        timings.append(measure_at(10))
    if hundred and timings[1].original_us < CLEAR_SPEEDUP * timings[1].compiled_us:
        timings.append(measure_at(1000))
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
    """Measure how long a fresh process takes to load a program, without NumPy's import.

    Raises:
        subprocess.SubprocessError: the process failed or hung.
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
    """Return the first consecutive row counts at which the compiled form isn't slower."""
    run: list[int] = []
    for timing in timings:
        if _is_faster(timing):
            run.append(timing.rows)
        elif run:
            break
    return run


def _rows(count: int) -> str:
    return "one row" if count == 1 else f"{count} rows"
