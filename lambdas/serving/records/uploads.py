"""Records of uploads that are no version yet, and of what happened to the others.

They are read to show a model's state. A reader that serves does without them.
"""

from dataclasses import dataclass

from serving.records.manifest import ModelFile, Source


@dataclass(frozen=True, slots=True)
class Pending:
    """`pending/<digest>.json`: an upload on its way, and the candidate that it lies in.

    Attributes:
        cause: the key of the event that began it, where several objects are one upload.
    """

    model: str
    version: str
    candidate: str
    since: str
    source: Source
    files: tuple[ModelFile, ...] = ()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`waiting/<version>.json`: a version of many files that isn't complete.

    Attributes:
        since: the last time that a change of it was found, UTC, ISO 8601.
        source: its `model.json`, or one of its files as long as there is none.
        missing: the listed files that the bucket doesn't have.
    """

    model: str
    version: str
    since: str
    reason: str
    source: Source
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """`rejected/<digest>.json`: why an upload was refused."""

    model: str
    version: str
    code: str
    reason: str
    at: str
    source: Source


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`withdrawn/<digest>.json`: an object that was deleted, so that a late event can't revive it.

    Attributes:
        version_id: the one write that was deleted, or None where the key was.
        at: the time of this record, UTC, ISO 8601.
        versions: the versions that the deletion withdrew.
        deleted_at: the time of S3's deletion, for comparison with writes of unknown sequencer.
        ordered_at: the time at which an operator deleted these versions. Writes for their names
            until then count as deleted. It is empty when it wasn't an operator.
    """

    key: str
    version_id: str | None
    sequencer: str
    at: str
    versions: tuple[str, ...] = ()
    deleted_at: str = ""
    ordered_at: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """`selection.json`: the operator's choice of the version that serves.

    Attributes:
        pinned: the version that stays current whatever arrives, if any.
        rolled_back: versions that were current once and are skipped since.
    """

    pinned: str | None = None
    rolled_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """`.refused/<digest>.json`: an object whose key names no model."""

    key: str
    code: str
    reason: str
    at: str
