"""Notices of outcomes: one JSON object each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the topic.

    Attributes:
        type: the result, which subscribers can filter by its message attribute.
        at: the time, UTC, ISO 8601.
        model, version: the version concerned; a `refused` upload has only the `key`, and
            `held_back` none of them.
        reason: the reason, where nothing was done or something was left undone.
    """

    type: str
    at: str
    model: str | None
    version: str | None
    key: str | None
    reason: str | None


def notices(event: dict[str, Any]) -> Iterator[Notice]:
    """Yield the notices for a destination record of `publish`."""
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
