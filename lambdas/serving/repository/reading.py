"""Records read from a file system that other machines write to at the same time.

An NFS client believes for up to a minute what it knows of a folder: which names it has, which it
hasn't, and where a link leads. Opening a folder or a file asks the server (close-to-open
consistency: nfs(5), "Data and metadata coherence"). ADR 27 has what was measured.
"""

import errno
import os
from pathlib import Path
from typing import TypeVar

from serving.records import codec

T = TypeVar("T")
MISSING = (FileNotFoundError, NotADirectoryError)
# A record is replaced by a rename. Who has just opened the old one reads the new one next.
ATTEMPTS = 3


def refresh(folder: Path) -> bool:
    """Learn what the folder holds now, and return whether it is there.

    That it wasn't there may be remembered as well, by the folder above it.
    """
    if _is_opened(folder):
        return True
    return folder != folder.parent and refresh(folder.parent) and _is_opened(folder)


def read_link(link: Path) -> str | None:
    """Return where a symbolic link leads now, or None when there is no such link."""
    if not refresh(link.parent):
        return None
    try:
        return os.readlink(link)  # noqa: PTH115 (a text is wanted)
    except MISSING:
        return None


def read_record(path: Path, cls: type[T]) -> T | None:
    """Read a record, or None when there is no such file."""
    content = _content(path)
    if content is None and refresh(path.parent):
        content = _content(path)
    return None if content is None else codec.loads(cls, content)


def read_records(folder: Path, cls: type[T]) -> list[T]:
    """Read every record of a folder in order of file name, but for those that vanish meanwhile."""
    found = (read_record(folder / name, cls) for name in names(folder) if name.endswith(".json"))
    return [record for record in found if record is not None]


def names(folder: Path) -> list[str]:
    """List what the folder holds now, in order; nothing where it isn't there."""
    try:
        return sorted(os.listdir(folder)) if refresh(folder) else []  # noqa: PTH208 (names are wanted)
    except MISSING:
        return []


def _is_opened(folder: Path) -> bool:
    try:
        os.scandir(folder).close()  # it opens the folder and reads nothing of it
    except MISSING:
        return False
    return True


def _content(path: Path) -> bytes | None:
    for attempt in range(ATTEMPTS):
        try:
            return path.read_bytes()
        except MISSING:
            return None
        except OSError as error:
            if error.errno != errno.ESTALE or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")
