"""Which version serves, which are kept, and what a deletion took: pure functions of records."""

from collections.abc import Sequence

from serving.manifest import Manifest, Pending, Selection, Source, Tombstone
from serving.naming import Order, order


def age(version: Manifest | Pending) -> Order:
    """Return the sort key of versions, oldest first."""
    return order(version.version, version.source)


def buries(stone: Tombstone, source: Source) -> bool:
    """Whether what this tombstone stands for deleted that write.

    A deleted key took what was written to it before, by S3's sequencer. Where one isn't known,
    because the bucket was listed, time decides; a listed write was there, so within one second it
    came after the deletion.
    """
    if stone.key != source.key:
        return False
    if stone.version_id is not None:
        return stone.version_id == source.version_id
    if not source.sequencer or not stone.sequencer:
        return source.last_modified[:19] < (stone.deleted_at or stone.at)[:19]
    return _padded(source.sequencer) < _padded(stone.sequencer)


def moment(stone: Tombstone) -> tuple[str, str]:
    """Return the sort key of deletions of one key, earliest first."""
    return stone.deleted_at[:19], _padded(stone.sequencer)


def _padded(sequencer: str) -> str:
    return sequencer.ljust(32, "0")


def is_same_write(one: Source, other: Source) -> bool:
    """Whether both are the same object, however little one of them tells of it."""
    return (one.key, one.version_id) == (other.key, other.version_id)


def choose(versions: Sequence[Manifest | Pending], selection: Selection) -> str:
    """Return the pinned version, or else the newest one that wasn't rolled back."""
    newest = [v.version for v in sorted(versions, key=age, reverse=True)]
    if selection.pinned in newest:
        return selection.pinned
    return next((v for v in newest if v not in selection.rolled_back), newest[0])


def kept(versions: Sequence[Manifest | Pending], selection: Selection, retain: int) -> set[str]:
    """Return what retention leaves: the newest versions, and the one that serves."""
    newest = sorted(versions, key=age, reverse=True)[:retain]
    return {choose(versions, selection), *(v.version for v in newest)}
