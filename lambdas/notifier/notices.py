"""Notices of outcomes: one JSON object each."""

from collections.abc import Iterator
from typing import Any

from notifier import log_lines
from notifier.notice import Notice

# Results that uploaders or operators want to know; duplicates and the like are left out.
REPORTED = (
    "activated",
    "published",
    "rejected",
    "refused",
    "withdrawn",
    "pinned",
    "unpinned",
    "rolled_back",
    "postponed",
    "kept",
    "held_back",
)


def notices(event: dict[str, Any]) -> Iterator[Notice]:
    """Yield the notices for a destination record of `publish`, or for lines of a log."""
    if "awslogs" in event:
        yield from log_lines.notices(event)
    for outcome in (event.get("responsePayload") or {}).get("outcomes", ()):
        if outcome["result"] in REPORTED:
            yield Notice(
                type=outcome["result"],
                at=event["timestamp"],
                model=outcome["model"],
                version=outcome["version"],
                key=outcome["key"],
                reason=outcome["reason"],
            )
