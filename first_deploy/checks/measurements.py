"""Cold starts, what is billed, and how a lost file system comes back."""

import concurrent.futures
import re
import statistics
import time

from first_deploy.asking import UPLOAD_SECONDS, inferred, ok
from first_deploy.check import check
from first_deploy.documentation import LAMBDA_LOGS, LAMBDA_RUNTIME, adr
from first_deploy.models import ALL, COMPILED
from first_deploy.result import Differs
from first_deploy.stage import Stage, wait
from modelmount.reconcile import lines, reconcile, report

CALLERS = 4
WARM_CALLS = 20
INIT = re.compile(r"Init Duration: ([\d.]+) ms")
BILLED = re.compile(r"Billed Duration: (\d+) ms")
MOST_BILLED_MS = 3


@check(
    15,
    "Callers at once start further instances",
    expected="all are answered",
    rests_on=(LAMBDA_RUNTIME,),
    needs=(10,),
    here="Lambda's own start: the image's blocks, processors by memory",
)
def side_by_side(stage: Stage) -> str:
    """Let callers ask at the same moment, and time each."""
    _, rows, _ = COMPILED.upload(1)

    def ask(_: int) -> float:
        begun = time.monotonic()
        inferred(stage, COMPILED, rows)
        return time.monotonic() - begun

    with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
        times = sorted(callers.map(ask, range(CALLERS)))
    alone = statistics.median(ask(n) for n in range(WARM_CALLS))
    return (
        f"{CALLERS} at once: {times[0]:.2f} to {times[-1]:.2f} s; "
        f"one after the other: {alone * 1000:.0f} ms in the median"
    )


@check(
    16,
    "The log tells of cold starts and of what is billed",
    expected=f"Init Duration; calls of a compiled model are billed {MOST_BILLED_MS} ms at the most",
    rests_on=(LAMBDA_LOGS, adr(34)),
    needs=(15,),
    aws_alone="Lambda itself writes these lines; the local system's have no Init Duration",
)
def log_lines(stage: Stage) -> str:
    """Read the REPORT lines of inference."""

    def find() -> tuple[list[float], list[int]] | None:
        reports = stage.deployment.log_lines("InferenceFunction")
        starts = [float(m[1]) for line in reports if (m := INIT.search(line))]
        billed = [int(m[1]) for line in reports if (m := BILLED.search(line))]
        return (starts, billed) if starts and len(billed) > WARM_CALLS else None

    starts, billed = wait(find, 120, "the log has no Init Duration")
    least = statistics.quantiles(billed, n=4)[0]
    told = (
        f"{len(starts)} starts of {min(starts):.0f} to {max(starts):.0f} ms; "
        f"a quarter of {len(billed)} calls were billed {least:g} ms or less"
    )
    if least > MOST_BILLED_MS:
        raise Differs(told)
    return told


@check(
    27,
    "Bucket and file system agree",
    expected="reconcile's plan is empty",
    rests_on=("docs/operations.md#reconcile",),
    needs=(9,),
)
def agree(stage: Stage) -> str:
    """Ask reconcile for its plan."""
    told = list(lines(report(stage.access.target)))
    if told != ["Bucket and file system agree."]:
        raise Differs(" ".join(told))
    return told[0]


@check(
    28,
    "A lost file system comes back from the bucket",
    expected="reconcile restores every model; all answer as before",
    rests_on=("docs/operations.md#reconcile", adr(23)),
    needs=(10,),
    here="NFS, and how long Lambda takes to copy",
)
def restored(stage: Stage) -> str:
    """Delete all models behind the deployment's back, and reconcile."""
    stage.deployment.lose_file_system()
    begun = time.monotonic()
    for _ in reconcile(stage.access.target):
        pass
    for model in ALL:
        stage.wait_for_version(model.name, 1, UPLOAD_SECONDS)
        _, rows, _ = model.upload(1)
        wait(lambda: ok(stage.access.infer(model.name, rows)), 60, f"{model.name} is silent")  # noqa: B023 (called at once)
    return f"{len(ALL)} models in {time.monotonic() - begun:.1f} s"
