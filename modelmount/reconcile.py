"""Bucket and file system compared, and repaired run by run."""

import time
from collections.abc import Iterator

from modelmount.operations import OperationFailed, ask
from modelmount.target import Target

POLL_SECONDS = 2
STALLED_SECONDS = 1800
TOLD = {
    "uploads": "missing on the file system, to be copied and prepared",
    "unfinished": "begun and given up, to be copied and prepared again",
    "incomplete": "versions of which files have been missing for a day, to be refused",
    "removals": "gone from the bucket, to be withdrawn",
    "misdirected": "models that don't serve the version they should",
    "forgiven": "refused keys that are gone",
    "leftovers": "half-written by what was killed, to be deleted",
}
Plan = dict[str, list[str]]


def plan(target: Target) -> Plan:
    """Return what a run would do, by kind."""
    found: Plan = ask(target, target.reconcile_function, {"dry_run": True})["plan"]
    return found


def lines(found: Plan) -> Iterator[str]:
    """Tell a plan."""
    for kind, items in found.items():
        if items:
            yield f"{len(items)} {TOLD[kind]}:"
            yield from (f"  {item}" for item in items)
    if not any(found.values()):
        yield "Bucket and file system agree."


def reconcile(target: Target) -> Iterator[str]:
    """Start runs until nothing is left to start; yield lines of progress.

    A run starts a hundred uploads at the most; what it started is no longer in the plan.

    Raises:
        OperationFailed: runs don't make the plan shorter.
    """
    left = plan(target)
    yield from lines(left)
    while any(left.values()):
        target.functions.invoke(
            FunctionName=target.reconcile_function, InvocationType="Event", Payload=b"{}"
        )
        left = _shorter(target, left)
        yield f"{sum(map(len, left.values()))} left"


def _shorter(target: Target, before: Plan) -> Plan:
    deadline = time.monotonic() + STALLED_SECONDS
    while (now := plan(target)) == before:
        if time.monotonic() > deadline:
            raise OperationFailed("Reconciling makes no progress: see the log of Reconcile.")
        time.sleep(POLL_SECONDS)
    return now
