"""The outcome of an upload, a deletion or an operation."""

from dataclasses import dataclass
from typing import Literal

Result = Literal[
    "activated",  # it serves now
    "published",  # it is ready, and `current` stays where it is
    "duplicate",  # it is there already
    "rejected",
    "postponed",  # it stays pending, and is prepared again
    "refused",  # the key names no model
    "withdrawn",
    "superseded",  # deleted meanwhile, no room left by newer versions, or its reason has gone
    "unknown",  # nothing here came of the deleted object
    "postponed",  # it stays pending, and is tried again
    "renewed",  # a published version was prepared again, in another image
    "kept",  # that failed, and it serves as it was prepared before
    "held_back",  # deletions that were found and not carried out
    "pinned",
    "unpinned",
    "rolled_back",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, its model and version (or the key, where that names no model), and the reason."""

    result: Result
    model: str | None
    version: str | None = None
    reason: str | None = None
    key: str | None = None
