"""The records of uploads that are no versions: on their way, incomplete, refused or withdrawn.

Listing and describing models needs them; answering a request doesn't.
"""

from dataclasses import dataclass

from serving.records.manifest import ModelFile, Source

# Codes of rejections that no longer hold once the version is gone, or is complete.
VERSION_EXISTS = "VERSION_EXISTS"
INCOMPLETE = "INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Pending:
    """`pending/<digest>.json`: an upload on its way, and the candidate that it lies in.

    Attributes:
        cause: the key of the object whose event began it, where several objects are one upload.
        postponed: when it was put off, UTC, ISO 8601; empty while it is in hand.
        reason: why it was put off, for people.
        image: the image in which it is prepared; empty where that isn't known.
        renews: whether it is a published version, prepared again in another image.
    """

    model: str
    version: str
    candidate: str
    since: str
    source: Source
    files: tuple[ModelFile, ...] = ()
    cause: str = ""
    postponed: str = ""
    reason: str = ""
    image: str = ""
    renews: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """`waiting/<version>.json`: a version of many files that isn't complete.

    Attributes:
        since: when the record last changed, UTC, ISO 8601.
        source: its `model.json`, or one of its files as long as there is none.
        missing: files that `model.json` lists and the bucket doesn't have.
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
        version_id: the one write that was deleted, or None: the key was.
        at: when the record was written, UTC, ISO 8601.
        versions: the versions that the deletion withdrew.
        deleted_at: when S3 deleted it, for comparison with writes of unknown sequencer.
        ordered_at: when an operator deleted these versions; objects written for their names until
            then are deleted with them. Empty when it wasn't an operator.
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
    """`selection.json`: an operator's choice of the version that serves.

    Attributes:
        pinned: the version that stays current whatever arrives, if any.
        rolled_back: versions that were rolled back, and are passed over since.
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
