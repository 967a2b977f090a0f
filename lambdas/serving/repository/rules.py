"""Rules of the repository as pure functions of records.

They say which version serves, which ones are kept, and which writes a deletion covers.
"""

from collections.abc import Mapping, Sequence

from serving.records.manifest import Manifest, Source
from serving.records.uploads import Pending, Selection, Tombstone
from serving.records.versions import Order, order


def age(version: Manifest | Pending) -> Order:
    """Return the sort key of versions, oldest first."""
    return order(version.version, version.source)


def buries(stone: Tombstone, source: Source) -> bool:
    """Whether the deletion that this tombstone records covers that write.

    The deletion of a key covers the writes before it, by S3's sequencer. Where one isn't known,
    because the bucket was listed, time decides. A listed write was there, so within one second
    it came after the deletion.
    """
    if is_ordered_away(stone, source):
        return True
    if stone.key != source.key:
        return False
    if stone.version_id is not None:
        return stone.version_id == source.version_id
    if not source.sequencer or not stone.sequencer:
        return source.last_modified[:19] < (stone.deleted_at or stone.at)[:19]
    return _padded(source.sequencer) < _padded(stone.sequencer)


def is_ordered_away(stone: Tombstone, source: Source) -> bool:
    """Whether an operator deleted the version that this object's key names, after it was written.

    It may be another write than the one that was the version: a copy of it, or one that was
    refused because the version was there.
    """
    if source.last_modified[:19] >= stone.ordered_at[:19]:
        return False
    return source.object_key.version in stone.versions


def took_part(stone: Tombstone, source: Source) -> bool:
    """Whether a version's `model.json` was deleted after this other file of it was written.

    Then the file doesn't become that version by itself. Sequencers of two keys can't be compared.
    """
    if stone.version_id is not None or not _lies_beside(source, stone.key):
        return False
    return source.last_modified[:19] < (stone.deleted_at or stone.at)[:19]


def is_part_of(there: Manifest, source: Source) -> bool:
    """Whether a version was made from the `model.json` in whose folder this other file lies."""
    return _lies_beside(source, there.source.key)


def can_complete(there: Manifest, source: Source, digests: Mapping[str, str]) -> bool:
    """Whether a version was one file so far, which this `model.json` lists as it is.

    Args:
        digests: path to SHA-256 of each file that it lists.
    """
    listed = all(digests.get(file.name) == file.sha256 for file in there.files)
    return listed and _lies_beside(there.source, source.key)


def _lies_beside(source: Source, key: str) -> bool:
    """Whether this is the key of the `model.json` in whose folder another file lies."""
    return source.object_key.model_json == key and not source.object_key.is_model_json


def moment(stone: Tombstone) -> tuple[str, str]:
    """Return the sort key of deletions of one key, earliest first."""
    return stone.deleted_at[:19], _padded(stone.sequencer)


def _padded(sequencer: str) -> str:
    return sequencer.ljust(32, "0")


def is_same_write(one: Source, other: Source) -> bool:
    """Whether both are the same write of an object, whatever else one of them leaves out."""
    return (one.key, one.version_id) == (other.key, other.version_id)


def choose(versions: Sequence[Manifest | Pending], selection: Selection) -> str:
    """Return the pinned version, or else the newest one that wasn't rolled back."""
    newest = [v.version for v in sorted(versions, key=age, reverse=True)]
    if selection.pinned in newest:
        return selection.pinned
    return next((v for v in newest if v not in selection.rolled_back), newest[0])


def kept(versions: Sequence[Manifest | Pending], selection: Selection, retain: int) -> set[str]:
    """Return the versions that retention keeps: the newest ones, and the one that serves."""
    newest = sorted(versions, key=age, reverse=True)[:retain]
    return {choose(versions, selection), *(v.version for v in newest)}
