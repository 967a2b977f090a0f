"""A model's life: upload, answer, update, rollback, delete."""

import concurrent.futures
import math
import time
from collections.abc import Callable
from typing import Any

from first_deploy.access import Answer
from first_deploy.asking import UPLOAD_SECONDS, inferred, is_close
from first_deploy.check import check
from first_deploy.documentation import EFS_IAM, EFS_USERS, NFS, S3_EVENTS, adr
from first_deploy.models import ALL, COMPILED
from first_deploy.result import Differs
from first_deploy.stage import Stage, wait
from modelmount.operations import operate

FLIP_SECONDS = 2.0  # `refresh_seconds` and one more


@check(
    9,
    "Three uploads are published",
    expected=f"each serves within {UPLOAD_SECONDS:g} s: events arrive, grants and mounts suffice",
    rests_on=(S3_EVENTS, EFS_IAM, EFS_USERS, adr(22), adr(3)),
    needs=(2,),
    here="IAM, NFS and S3's own events",
)
def published(stage: Stage) -> str:
    """Upload a compiled model, one of a format without code, and one that isn't compiled."""
    begun = time.monotonic()
    for model in ALL:
        stage.put(model, 1)
    told = []
    for model in ALL:
        entry = stage.wait_for_version(model.name, 1, UPLOAD_SECONDS)
        if entry["state"] != "current":
            raise Differs(f"{model.name} is {entry['state']}: {entry.get('reason')}")
        told.append(f"{model.name} after {time.monotonic() - begun:.1f} s")
    return ", ".join(told)


@check(
    10,
    "Signed calls answer as the models do",
    expected="200, with the predictions of each model's own `predict`",
    rests_on=(EFS_USERS, adr(22), adr(11)),
    needs=(9,),
    here="the second POSIX user: folders here belong to one",
)
def answered(stage: Stage) -> str:
    """Ask each model."""
    told = []
    for model in ALL:
        _, rows, expected = model.upload(1)
        answer = inferred(stage, model, rows)
        if not is_close(answer.json["predictions"], expected):
            raise Differs(f"{model.name}: {answer.text}, its own are {expected}")
        told.append(f"{model.name}: {answer.headers.get('server-timing')}")
    return "; ".join(told)


@check(
    13,
    "An update is served",
    expected=f"version 2 answers {FLIP_SECONDS:g} s after it is current, or sooner",
    rests_on=(NFS, "docs/repository.md"),
    needs=(10,),
    here="NFS: what clients remember, and for how long",
)
def updated(stage: Stage) -> str:
    """Upload a second version, and ask until it answers."""
    begun = time.monotonic()
    flip = _flip(stage, 2, lambda: _publish_second(stage))
    return f"{flip:.2f} s after it was current, {time.monotonic() - begun:.1f} s after the upload"


@check(
    14,
    "A rollback is served",
    expected=f"version 1 answers {FLIP_SECONDS:g} s after it is current, or sooner",
    rests_on=(NFS, "docs/operations.md"),
    needs=(13,),
    here="NFS: what clients remember, and for how long",
)
def rolled_back(stage: Stage) -> str:
    """Go back to the first version, and ask until it answers."""
    roll_back = ("rollback", COMPILED.name, None)
    flip = _flip(stage, 1, lambda: operate(stage.access.target, *roll_back))
    return f"{flip:.2f} s after it was current"


@check(
    29,
    "A deleted model answers no more",
    expected="404",
    rests_on=("docs/operations.md",),
    needs=(28,),
    here="NFS: what clients remember, and for how long",
)
def deleted(stage: Stage) -> str:
    """Delete a model, and ask until it is gone."""
    operate(stage.access.target, "delete", COMPILED.name, None)
    _, rows, _ = COMPILED.upload(1)
    begun = time.monotonic()

    def gone() -> Answer | None:
        answer = stage.access.infer(COMPILED.name, rows)
        return answer if answer.status == 404 else None

    answer = wait(gone, 90, f"{COMPILED.name} answers still")
    return f"{answer.status} after {time.monotonic() - begun:.1f} s"


def _publish_second(stage: Stage) -> None:
    stage.put(COMPILED, 2)
    entry = stage.wait_for_version(COMPILED.name, 2, UPLOAD_SECONDS)
    if entry["state"] != "current":
        raise Differs(f"version 2 is {entry['state']}: {entry.get('reason')}")


def _flip(stage: Stage, version: int, change: Callable[[], Any]) -> float:
    """Ask while something changes; return the seconds from its end to the first new answer.

    Raises:
        Differs: they are too many, or a call in between wasn't answered.
    """
    _, rows, _ = COMPILED.upload(1)
    times: dict[str, float] = {}

    def ask() -> None:
        while time.monotonic() < times.get("changed", math.inf) + 60:
            sent = time.monotonic()
            if inferred(stage, COMPILED, rows).json["version"] == str(version):
                times["answered"] = sent
                return

    with concurrent.futures.ThreadPoolExecutor(1) as caller:
        asking = caller.submit(ask)
        try:
            change()
            times["changed"] = time.monotonic()
        except BaseException:
            times["changed"] = -math.inf  # asking ends at once
            raise
        asking.result()
    if "answered" not in times:
        raise Differs(f"version {version} doesn't answer 60 s after it is current")
    flip = max(times["answered"] - times["changed"], 0.0)
    if flip > FLIP_SECONDS:
        raise Differs(f"{flip:.2f} s")
    return flip
