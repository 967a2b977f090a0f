"""From an object's key to a model's name and version, and the order of versions.

| object key                          | model  | version                                   |
|-------------------------------------|--------|-------------------------------------------|
| `iris.joblib`, `iris/model.joblib`  | `iris` | derived: last-modified time and version id |
| `iris/3/model.joblib`               | `iris` | `3`                                       |
| `iris/3/code/x.py`, `iris/3/model.json` | `iris` | `3`, of many files                    |
| `iris.tar.gz`, `iris/3/model.zip`   | `iris` | likewise; the archive is unpacked         |

Everything here depends on the object alone, never on the reader's clock, so that a replayed or
duplicated event gives the same answer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from serving.errors import UploadRejected
from serving.records.manifest import Source
from serving.records.naming import NAME_RULE, digest, is_valid_name, normalize

MAX_DEPTH = 8
MODEL_JSON = "model.json"


@dataclass(frozen=True, slots=True)
class ObjectName:
    """What a key says: the model, its version where the key gives one, and the file's name.

    Attributes:
        filename: with '/' where it lies in folders of its version.
    """

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
    parts = key.split("/")
    folders, path = (parts[:2], parts[2:]) if len(parts) > 2 else (parts[:-1], parts[-1:])
    if len(path) > MAX_DEPTH:
        raise UploadRejected(
            "INVALID_KEY",
            f"The key {key!r} lies too deep. Use MODEL.ext, MODEL/file.ext, MODEL/VERSION/file.ext "
            f"or a path of up to {MAX_DEPTH} names after MODEL/VERSION/.",
        )
    for name in path:
        if not is_valid_name(name):
            raise UploadRejected("INVALID_KEY", f"{name!r} is not a valid file name: {NAME_RULE}.")
    model = normalize(folders[0] if folders else _stem(path[0]))
    for name in (model, *folders[1:]):
        if not is_valid_name(name):
            raise UploadRejected("INVALID_KEY", f"{name!r} is not a valid name: {NAME_RULE}.")
    return ObjectName(model, folders[1] if len(folders) == 2 else None, "/".join(path))


def version_prefix(key: str) -> str | None:
    """Return `MODEL/VERSION/`, as the key spells it, or None where it gives no version."""
    parts = key.split("/", 2)
    return f"{parts[0]}/{parts[1]}/" if len(parts) == 3 else None


def is_model_json(key: str) -> bool:
    """Whether the object is the `model.json` of a version."""
    prefix = version_prefix(key)
    return prefix is not None and key == prefix + MODEL_JSON


def _stem(filename: str) -> str:
    """Return the file's name without its extension, of which `.tar.gz` is one."""
    stem = PurePosixPath(filename).stem
    is_tar_gz = filename.lower().endswith(".tar.gz")
    return PurePosixPath(stem).stem if is_tar_gz else stem


def derive_version(last_modified: str, version_id: str) -> str:
    """Name the version of an object whose key gives none, such as `20261121T013937Z-1f0e9c2b`."""
    moment = datetime.fromisoformat(last_modified).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest(version_id)}"


Order = tuple[str, int, str, str, str]


def order(version: str, source: Source) -> Order:
    """Return the sort key by which `current` moves forward: the newest object wins.

    S3's last-modified time has whole seconds. Within one second the higher number wins among
    keys that give a number, and S3's sequencer among writes to one key. Sequencers compare
    after padding the shorter with zeros on the right, and say nothing across keys, as S3's event
    documentation has it. One that isn't known is of an object that was listed, and thus the
    newest of its key.
    """
    number = int(version) if version.isdecimal() else 0
    sequence = (source.sequencer or "G").ljust(32, "0")
    return (source.last_modified, number, source.key, sequence, source.version_id)
