"""The name of the version that an object makes, and the order of versions.

Both depend on the object alone, never on the reader's clock. A replayed or duplicated event
therefore gives the same answer.
"""

from datetime import UTC, datetime

from serving.records.manifest import Source
from serving.records.naming import digest
from serving.records.object_keys import ObjectKey

Order = tuple[str, int, str, str, str]


def version_of(key: ObjectKey, source: Source) -> str:
    """Return the key's version, or else the one derived from the write."""
    return key.version or derive_version(source.last_modified, source.version_id)


def derive_version(last_modified: str, version_id: str) -> str:
    """Name the version of an object whose key gives none, such as `20261121T013937Z-1f0e9c2b`."""
    moment = datetime.fromisoformat(last_modified).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest(version_id)}"


def order(version: str, source: Source) -> Order:
    """Return the sort key by which `current` moves forward: the newest object wins.

    S3's last-modified time has whole seconds. Within one second the higher number wins among
    keys that give a number, and S3's sequencer among writes to one key. Sequencers compare
    after padding the shorter with zeros on the right, and say nothing across keys, as S3's event
    documentation has it. A source without one was listed, and thus is the newest of its key.
    """
    number = int(version) if version.isdecimal() else 0
    sequence = (source.sequencer or "G").ljust(32, "0")
    return (source.last_modified, number, source.key, sequence, source.version_id)
