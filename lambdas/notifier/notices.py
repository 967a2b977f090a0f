"""Which outcomes are told, and how: one JSON object each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# What an uploader or an operator wants to know; duplicates and the like are nobody's news.
TOLD = (
    "activated",
    "published",
    "rejected",
    "refused",
    "withdrawn",
    "pinned",
    "unpinned",
    "rolled_back",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the topic.

    Attributes:
        type: what happened; the message attribute of the same name can be filtered by.
        at: when, UTC, ISO 8601.
        model, version: what it happened to; of a `refused` upload there is only the `key`.
        reason: of a rejection or refusal.
    """

    type: str
    at: str
    model: str | None
    version: str | None
    key: str | None
    reason: str | None


def notices(event: dict[str, Any]) -> Iterator[Notice]:
    """Read the outcomes of a destination record of `publish`."""
    for outcome in (event.get("responsePayload") or {}).get("outcomes", ()):
        if outcome["result"] in TOLD:
            yield Notice(
                type=outcome["result"],
                at=event["timestamp"],
                model=outcome["model"],
                version=outcome["version"],
                key=outcome["key"],
                reason=outcome["reason"],
            )
