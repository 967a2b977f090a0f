"""Durable changes of single files, on a file system that other machines read meanwhile."""

import contextlib
import fcntl
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving.records import codec

GROUP_READS_FILE = stat.S_IRGRP
GROUP_READS_FOLDER = stat.S_IRGRP | stat.S_IXGRP


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def share(path: Path) -> None:
    """Let the group read a file or folder, whatever the umask or its writer left.

    Inference runs as another user of this group.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        _share(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and all above it, each shared where it is made here."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
        share(folder)


def _share(descriptor: int) -> None:
    mode = os.fstat(descriptor).st_mode
    wanted = GROUP_READS_FOLDER if stat.S_ISDIR(mode) else GROUP_READS_FILE
    if mode & wanted != wanted:
        os.fchmod(descriptor, stat.S_IMODE(mode) | wanted)


def write_record(path: Path, record: Any, via: Path) -> None:
    """Write a dataclass as JSON so that readers see the old text or the new one, whole.

    It is written in the folder `via` first. Where this process is killed, it stays there.
    """
    make_folder(path.parent)
    with temporary_path(via) as temporary:
        with temporary.open("x", encoding="utf-8") as file:
            _share(file.fileno())
            file.write(codec.dumps(record))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    sync_folder(path.parent)


def replace_link(link: Path, target: str, via: Path) -> None:
    """Point the symbolic link at `target` in one step; `via` is as for `write_record`."""
    with temporary_path(via) as temporary:
        temporary.symlink_to(target)
        temporary.replace(link)
    sync_folder(link.parent)


@contextlib.contextmanager
def temporary_path(folder: Path) -> Iterator[Path]:
    """Yield a path to write to and rename from; on an error nothing is left of it."""
    make_folder(folder)
    path = folder / uuid.uuid4().hex
    try:
        yield path
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's exclusive lock; POSIX locks work over NFS and go with their process."""
    make_folder(path.parent)
    with path.open("a") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold the file's exclusive lock, or yield false where another process holds it."""
    make_folder(path.parent)
    with path.open("a") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as lockf(3) has it
            yield False
            return
        yield True


def stale(folder: Path, older_than: float) -> list[Path]:
    """List entries of the folder that have lain untouched for so many seconds, by name."""
    deadline, found = time.time() - older_than, []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.lstat().st_mtime < deadline:
                found.append(path)
    return found


def remove(path: Path) -> None:
    """Delete a path of any kind: model code can leave a file or a link in place of a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
