"""The records of what an upload is as long as it is no version, and of what became of it.

A reader that serves does without them: they are read to tell a model's state.
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
        cause: the key whose event made it, where several objects are one upload.
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
        since: when that was last found to have changed, UTC, ISO 8601.
        source: its `model.json`, or one of its files as long as there is none.
        missing: what `model.json` lists and the bucket doesn't have.
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
        at: when this was written down, UTC, ISO 8601.
        versions: what it withdrew.
        deleted_at: when S3 deleted it, for comparison with writes of unknown sequencer.
        ordered_at: when an operator deleted these versions, which takes what was written for
            their names until then; empty when it wasn't an operator.
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
    """`selection.json`: what an operator said about which version serves.

    Attributes:
        pinned: the version that stays current whatever arrives, if any.
        rolled_back: versions that were current once and are passed over since.
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
