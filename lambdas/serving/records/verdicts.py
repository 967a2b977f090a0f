"""Verdicts on uploads, which the loader and the preparer send each other as JSON.

`stage` and `preparer` answer ``{"verdicts": [...]}``, one for each object of the event, and
`publish` acts on them. A verdict is tagged by its `kind`. Keys travel as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from serving.errors import RecordError
from serving.records import codec
from serving.records.manifest import Source


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the preparer made of a candidate, so that nobody can put something else in its place.

    Attributes:
        description_sha256: of the bytes of the description.
        compiled_sha256: of the compiled form, or None without one.
    """

    description_sha256: str
    compiled_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An upload that was copied and verified, and by the preparer also loaded and described.

    Attributes:
        filename: the model's path within the candidate's files.
        prepared: the preparer's result; None before that.
    """

    model: str
    version: str
    candidate: str
    filename: str
    source: Source
    kind: Literal["candidate"] = "candidate"
    prepared: Prepared | None = None

    def with_result(self, prepared: Prepared) -> "Candidate":
        """Return the verdict that `publish` acts on."""
        return replace(self, prepared=prepared)

    def rejected(self, code: str, reason: str) -> "Rejected":
        """Return the rejection of the same upload."""
        return Rejected(self.model, self.version, code, reason, self.source)

    def postponed(self, reason: str) -> "Postponed":
        """Return the verdict that the same upload is to be tried again."""
        return Postponed(self.model, self.version, reason, self.source, self.candidate)


@dataclass(frozen=True, slots=True)
class Rejected:
    """An upload that never becomes a version."""

    model: str
    version: str
    code: str
    reason: str
    source: Source
    kind: Literal["rejected"] = "rejected"


@dataclass(frozen=True, slots=True)
class Postponed:
    """An upload that didn't get its time, or met trouble that isn't its own: it stays pending.

    Attributes:
        candidate: empty where it wasn't copied.
    """

    model: str
    version: str
    reason: str
    source: Source
    candidate: str = ""
    kind: Literal["postponed"] = "postponed"


@dataclass(frozen=True, slots=True)
class Refused:
    """An upload whose key names no model."""

    key: str
    code: str
    reason: str
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Removed:
    """A deleted object: its key (`version_id` None), or one write of it.

    Attributes:
        model: the model that the key names where a layout read it; else empty.
        is_part: the object could only be a part of a version.
    """

    key: str
    version_id: str | None
    sequencer: str
    deleted_at: str = ""
    kind: Literal["removed"] = "removed"
    model: str = ""
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Deletions that reconcile found in a listing, and doesn't believe without an explicit word."""

    reason: str
    kind: Literal["held_back"] = "held_back"


Verdict = Candidate | Rejected | Postponed | Refused | Removed | HeldBack
_KINDS: dict[str, type[Verdict]] = {
    "candidate": Candidate,
    "rejected": Rejected,
    "postponed": Postponed,
    "refused": Refused,
    "removed": Removed,
    "held_back": HeldBack,
}


def encode(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the message of these verdicts."""
    return {"verdicts": [codec.encode(verdict) for verdict in verdicts]}


def message(event: dict[str, Any]) -> Any:
    """Return the message in an event of the preparer.

    It is the event itself, or lies in the destination record that a former deployment sent. Such an
    event can wait in Lambda's queue while this deployment takes over.
    """
    return event if "verdicts" in event else event.get("responsePayload")


def decode(message: Any) -> list[Verdict]:
    """Return the verdicts of a message; raises `RecordError` when it isn't one."""
    if not isinstance(message, dict) or not isinstance(message.get("verdicts"), list):
        raise RecordError("expected an object with a list of verdicts")
    return [_decode_one(item, f"$.verdicts[{i}]") for i, item in enumerate(message["verdicts"])]


def _decode_one(item: Any, where: str) -> Verdict:
    kind = item.get("kind") if isinstance(item, dict) else None
    if kind not in _KINDS:
        raise RecordError(f"{where}.kind is {kind!r}, expected one of {', '.join(_KINDS)}")
    return codec.decode(_KINDS[kind], item, where)
