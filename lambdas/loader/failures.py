"""What a function's failure says about the uploads that it was asked to handle.

A function that crashed, ran out of memory or used up its whole time, and did so at each try with
one upload alone, says something about that upload. It is refused. Anything else says nothing: no
execution was free, the event grew too old, the function didn't start, or the file system or S3
failed. Then the upload stays pending, and reconcile begins it again.
"""

from collections.abc import Iterator
from typing import Any

from loader.bucket import events
from loader.bucket.events import ObjectEvent, removed
from serving.records import verdicts
from serving.records.key_layouts import BY_DEFAULT, KeyLayouts
from serving.records.object_keys import InvalidKey
from serving.records.verdicts import Candidate, Postponed, Refused, Rejected, Verdict
from serving.records.versions import version_of

FAILED = "PREPARATION_FAILED"
# Error types of Lambda and of Python by which an upload may be to blame. A time-out of older
# runtimes has none. https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
ENDS = ("Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout", "MemoryError", "")


def read(record: dict[str, Any], layouts: KeyLayouts = BY_DEFAULT) -> Iterator[Verdict]:
    """Yield the verdicts on all that a failed function had been asked to do.

    Args:
        record: Lambda's destination record of the failure.
    """
    request = record.get("requestPayload") or {}
    if "Records" in request:  # it was `stage`, asked by S3
        yield from _of_stage(list(events.parse(request, layouts)), record)
    else:  # it was the preparer
        yield from _of_preparer(verdicts.decode(verdicts.message(request)), record)


def _of_preparer(asked: list[Verdict], record: dict[str, Any]) -> Iterator[Verdict]:
    is_to_blame = _is_end(record) and len(asked) == 1
    for verdict in asked:
        if not isinstance(verdict, Candidate):
            yield verdict
        elif is_to_blame:
            yield verdict.rejected(FAILED, f"{_told(record)} Upload the file again to retry.")
        else:
            yield verdict.postponed(f"{_told(record)} It is tried again by itself.")


def _of_stage(asked: list[ObjectEvent], record: dict[str, Any]) -> Iterator[Verdict]:
    is_to_blame = _is_end(record) and len(asked) == 1
    for event in asked:
        key, source = event.key, event.source
        if event.is_removal:
            yield removed(event)
        elif isinstance(key, InvalidKey):
            yield Refused(key.text, key.code, key.reason)
        elif is_to_blame:
            reason = f"{_told(record)} Upload the file again to retry."
            yield Rejected(key.model, version_of(key, source), FAILED, reason, source)
        else:
            reason = f"{_told(record)} It is tried again by itself."
            yield Postponed(key.model, version_of(key, source), reason, source)


def _is_end(record: dict[str, Any]) -> bool:
    """Whether the function was started at each try, and came to an end by itself each time."""
    payload = record.get("responsePayload")
    if record["requestContext"].get("condition") != "RetriesExhausted":
        return False
    return isinstance(payload, dict) and payload.get("errorType", "") in ENDS


def _told(record: dict[str, Any]) -> str:
    """Return which function failed, and Lambda's own words for how."""
    context, payload = record["requestContext"], record.get("responsePayload")
    function = str(context.get("functionArn", "")).removesuffix(":$LATEST").rpartition(":")[2]
    error = payload.get("errorMessage") if isinstance(payload, dict) else None
    count, condition = context.get("approximateInvokeCount"), context.get("condition")
    return (
        f"The function {function} failed ({condition}, after {count} tries): "
        f"{error or 'it was never started'}. Its log tells more."
    )
