"""From an object's key to a model's name and version, and the order of versions.

| object key                          | model  | version                                   |
|-------------------------------------|--------|-------------------------------------------|
| `iris.joblib`, `iris/model.joblib`  | `iris` | derived: last-modified time and version id |
| `iris/3/model.joblib`               | `iris` | `3`                                       |
| `iris.tar.gz`, `iris/3/model.zip`   | `iris` | likewise; the archive is unpacked         |

Everything here depends on the object alone, never on the reader's clock, so that a replayed or
duplicated event gives the same answer.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from serving.errors import UploadRejected
from serving.manifest import Source

MAX_NAME_BYTES = 128


@dataclass(frozen=True, slots=True)
class ObjectName:
    """What a key says: the model, its version where the key gives one, and the file's name."""

    model: str
    version: str | None
    filename: str

    def version_of(self, source: Source) -> str:
        """Return the key's version, or else the one derived from the object."""
        return self.version or derive_version(source.last_modified, source.version_id)


def parse_key(key: str) -> ObjectName:
    """Read a decoded object key.

    Raises:
        UploadRejected: the key gives no valid name or lies too deep.
    """
    *folders, filename = key.split("/")
    if len(folders) > 2:
        raise UploadRejected(
            "INVALID_KEY",
            f"The key {key!r} lies too deep. Use MODEL.ext, MODEL/file.ext or "
            "MODEL/VERSION/file.ext.",
        )
    if not is_valid_name(filename):
        raise UploadRejected("INVALID_KEY", f"{filename!r} is not a valid file name: {NAME_RULE}.")
    model = normalize(folders[0] if folders else _stem(filename))
    version = folders[1] if len(folders) == 2 else None
    for name in (model, version):
        if name is not None and not is_valid_name(name):
            raise UploadRejected("INVALID_KEY", f"{name!r} is not a valid name: {NAME_RULE}.")
    return ObjectName(model, version, filename)


def _stem(filename: str) -> str:
    """Return the file's name without its extension, of which `.tar.gz` is one."""
    stem = PurePosixPath(filename).stem
    is_tar_gz = filename.lower().endswith(".tar.gz")
    return PurePosixPath(stem).stem if is_tar_gz else stem


NAME_RULE = (
    f"a name has 1 to {MAX_NAME_BYTES} bytes of UTF-8, no '/', no control character "
    "and no leading dot"
)


def is_valid_name(name: str) -> bool:
    """Whether `name` can be a model's, a version's or a file's; see `NAME_RULE`."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return (
        0 < size <= MAX_NAME_BYTES
        and not name.startswith(".")
        and "/" not in name
        and not any(unicodedata.category(character) == "Cc" for character in name)
    )


def normalize(name: str) -> str:
    """Return the one spelling under which a model is kept (Unicode NFC)."""
    return unicodedata.normalize("NFC", name)


def derive_version(last_modified: str, version_id: str) -> str:
    """Name the version of an object whose key gives none, such as `20261121T013937Z-1f0e9c2b`."""
    moment = datetime.fromisoformat(last_modified).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest(version_id)}"


def digest(text: str) -> str:
    """Return a short, file-name-safe stand-in for a text of any length."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


Order = tuple[str, int, str, str]


def order(version: str, source: Source) -> Order:
    """Return the sort key by which `current` moves forward: the newest object wins.

    S3's last-modified time has whole seconds. Within one second the higher number wins among
    keys that give a number, and S3's sequencer among writes to one key. Sequencers compare
    after padding the shorter with zeros on the right, as S3's event documentation says.
    """
    number = int(version) if version.isdecimal() else 0
    return (source.last_modified, number, source.sequencer.ljust(32, "0"), source.version_id)
