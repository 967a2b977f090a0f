"""What a subscriber gets."""

from dataclasses import dataclass


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
