"""Makes files and folders by descriptor, where model code may write at the same time.

A path that is looked up anew at each step is unsafe: whoever can write beside it can swap a
folder for a link. A lookup from an open folder downward, without following links, is safe.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Self

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Tree:
    """A folder that is held open, and makes files and folders below it."""

    def __init__(self, root: Path) -> None:
        self._root = os.open(root, FOLDER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the folder."""
        os.close(self._root)

    @contextlib.contextmanager
    def folder(self, path: PurePosixPath) -> Iterator[int]:
        """Yield the descriptor of a folder below; it and the folders above it are made if missing.

        Raises:
            OSError: one of them is a link or a file.
        """
        descriptor = os.dup(self._root)
        try:
            for part in path.parts:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=descriptor)
                below = os.open(part, FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def sync(self, folders: Iterable[PurePosixPath]) -> None:
        """Make the entries of these folders and of the root durable."""
        for path in {PurePosixPath(), *folders}:
            with self.folder(path) as descriptor:
                os.fsync(descriptor)


@contextlib.contextmanager
def new_file(name: str, folder: int) -> Iterator[int]:
    """Yield the descriptor of a new file in an open folder; any error deletes the file."""
    descriptor = os.open(name, NEW_FILE, 0o644, dir_fd=folder)
    try:
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except BaseException:
        # The file is closed by now: NFS would keep an open one under another name.
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)
        raise
