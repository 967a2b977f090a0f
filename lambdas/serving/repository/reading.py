"""Records read from a file system that other machines write to at the same time."""

from pathlib import Path
from typing import TypeVar

from serving.records import codec

T = TypeVar("T")


def read_record(path: Path, cls: type[T]) -> T | None:
    """Read a record, or None when there is no such file."""
    try:
        return codec.loads(cls, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_records(folder: Path, cls: type[T]) -> list[T]:
    """Read every record of a folder in order of file name, but for those that vanish meanwhile."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = (read_record(path, cls) for path in paths)
    return [record for record in found if record is not None]
