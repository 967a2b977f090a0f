"""Bucket and file system compared, and repaired."""

import json
import time
from collections.abc import Generator, Iterator
from typing import Any

from modelmount.operations import OperationFailed, ask
from modelmount.target import Target

POLL_SECONDS = 2
QUIET_SECONDS = 10
STALLED_SECONDS = 1800
TOLD = {
    "uploads": "missing on the file system, to be copied and prepared",
    "unfinished": "begun and given up, to be copied and prepared again",
    "renewals": "prepared in another image than today's, to be prepared again",
    "incomplete": "versions of which files have been missing for a day, to be refused",
    "removals": "gone from the bucket, to be withdrawn",
    "misdirected": "models that don't serve the version they should",
    "forgiven": "refused keys that are gone",
    "leftovers": "half-written by what was killed, to be deleted",
}
Report = dict[str, Any]


def report(target: Target, *, force: bool = False) -> Report:
    """Return what a run would do, by kind, what it would hold back, and what is under way."""
    event = {"dry_run": True, "force": force}
    return ask(target, target.reconcile_function, event)


def lines(found: Report) -> Iterator[str]:
    """Tell what there is to do."""
    for kind, items in found["plan"].items():
        if items:
            yield f"{len(items)} {TOLD[kind]}:"
            yield from (f"  {item}" for item in items)
    held_back = found["held_back"]
    if held_back["objects"]:
        yield f"{held_back['reason']} It is about:"
        yield from (f"  {key}" for key in held_back["objects"])
    elif not any(found["plan"].values()):
        yield "Bucket and file system agree."


def reconcile(target: Target, *, force: bool = False) -> Iterator[str]:
    """Start a run, which goes on by itself, and yield lines of progress until nothing is left.

    Another run is started where one has ended and left something, such as an upload whose version
    name had to be freed first.

    Raises:
        OperationFailed: there is no progress, or deletions were held back.
    """
    found = report(target, force=force)
    yield from lines(found)
    while any(found["plan"].values()):
        target.functions.invoke(
            FunctionName=target.reconcile_function,
            InvocationType="Event",
            Payload=json.dumps({"force": force}).encode(),
        )
        found = yield from _watch(target, found, force=force)
    if found["held_back"]["objects"]:
        raise OperationFailed("Deletions were held back, see above.")


def _watch(target: Target, before: Report, *, force: bool) -> Generator[str, None, Report]:
    """Yield how much is left each time that changes, and return the report when runs are over."""
    started = changed = time.monotonic()
    while True:
        time.sleep(POLL_SECONDS)
        found, moment = report(target, force=force), time.monotonic()
        if found != before:
            before, changed = found, moment
            yield _left(found)
        if found["under_way"]:
            is_over = False
        else:
            is_quiet = changed > started and moment - changed > QUIET_SECONDS
            is_over = is_quiet or not any(found["plan"].values())
        if is_over:
            return found
        if moment - changed > STALLED_SECONDS:
            raise OperationFailed("Reconciling makes no progress: see the log of Reconcile.")


def _left(found: Report) -> str:
    counts = {"under way": found["under_way"], "put off for some minutes": found["put_off"]}
    told = [f"{count} {state}" for state, count in counts.items() if count]
    return ", ".join([f"{sum(map(len, found['plan'].values()))} left", *told])
