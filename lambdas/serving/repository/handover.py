"""Files that the preparer hands to `publish`, who believes its answer and not the shared disk.

The answer carries a SHA-256 of each. What lies on the disk may be what other model code left there.
"""

import errno
import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path

from serving.errors import UploadRejected
from serving.repository import files

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
CHUNK_BYTES = 1 << 20
# Errors of opening what is missing, a link, a folder or a socket.
NOT_A_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO)
TAMPERED = "PREPARATION_TAMPERED"


class NoRegularFile(Exception):
    """What was left is a link, a device, a folder, has another name too, or is too large."""


def take(made: Path, target: Path, most_bytes: int) -> str:
    """Move what a child made to `target` and return its SHA-256; the child has ended.

    Raises:
        NoRegularFile: it isn't a file of this one name, of at most so many bytes.
    """
    try:
        descriptor = os.open(made, READ)
    except OSError as error:
        raise NoRegularFile(f"{made.name!r:.80} can't be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise NoRegularFile(f"{made.name!r:.80} is no file of its own")
        if found.st_size > most_bytes:
            raise NoRegularFile(f"{made.name!r:.80} has more than {most_bytes} bytes")
        os.fchmod(descriptor, 0o640)  # `publish` is another user of this group
        made.replace(target)
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path, sha256: str, most_bytes: int) -> bytes:
    """Return a file's content; raises `UploadRejected` where it has another SHA-256."""
    with _opened(path, "description") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes or hashlib.sha256(content).hexdigest() != sha256:
        raise tampered("description")
    return content


def copy(path: Path, target: Path, via: Path, sha256: str) -> None:
    """Copy a file durably and whole, by way of `via`; raises as `read` does, and leaves nothing.

    The copy is what is verified: nobody else has it open or owns it.
    """
    seen = hashlib.sha256()
    with _opened(path, "compiled form") as source, files.temporary_path(via) as own:
        with own.open("xb") as file:
            while chunk := source.read(CHUNK_BYTES):
                seen.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if seen.hexdigest() != sha256:
            raise tampered("compiled form")
        own.replace(target)


def verify(path: Path, sha256: str) -> None:
    """Compare a file that an earlier try put there; raises as `read` does."""
    with _opened(path, "compiled form") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise tampered("compiled form")


def tampered(what: str) -> UploadRejected:
    """Return the refusal of a result that isn't the preparer's."""
    return UploadRejected(
        TAMPERED,
        f"The model's {what} was changed between its preparation and its publication, so it "
        "isn't served. The uploaded file is unharmed: upload it again to retry.",
    )


def _opened(path: Path, what: str) -> BufferedReader:
    try:
        return os.fdopen(os.open(path, READ), "rb")
    except OSError as error:
        # Anything else is trouble of the file system, and goes by itself: `publish` tries again.
        if error.errno in NOT_A_FILE:
            raise tampered(what) from error
        raise
