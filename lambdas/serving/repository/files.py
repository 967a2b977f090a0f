"""Durable small steps on a file system that other machines read at the same time."""

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from serving import records

T = TypeVar("T")


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """Make the content of a file that another process wrote durable."""
    _sync(path, os.O_RDONLY | os.O_NOFOLLOW)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_record(path: Path, record: Any, via: Path | None = None) -> None:  # noqa: ANN401 (any dataclass)
    """Write a dataclass as JSON so that readers see the old text or the new one, whole.

    It is written in the folder `via` first, by default that of `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(via or path.parent) as temporary:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(records.dumps(record))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    sync_folder(path.parent)


def read_record(path: Path, cls: type[T]) -> T | None:
    """Read such a record, or None when there is none."""
    try:
        return records.loads(cls, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_records(folder: Path, cls: type[T]) -> list[T]:
    """Read every record of a folder, in order of name; those that vanish meanwhile are left out."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = (read_record(path, cls) for path in paths)
    return [record for record in found if record is not None]


def replace_link(link: Path, target: str) -> None:
    """Point the symbolic link at `target` in one step."""
    with _temporary(link.parent) as temporary:
        temporary.symlink_to(target)
        temporary.replace(link)
    sync_folder(link.parent)


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """Give a path for what is renamed into place; when that fails, nothing is left of it."""
    path = folder / f".{uuid.uuid4().hex}"
    try:
        yield path
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's exclusive lock; POSIX locks work over NFS and go with their process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield
