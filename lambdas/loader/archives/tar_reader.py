"""Reads the members of a `.tar.gz` in a single pass and in little memory.

`tarfile` reads single header blocks here, but not the archive. It would take a damaged header for
the end, hold headers of any length in memory, and follow more kinds of member than a model needs.
Formats: POSIX.1-2017 "pax" (with ustar), and "Basic Tar Format" of the GNU tar manual.
"""

import gzip
import re
import tarfile
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from tarfile import BLOCKSIZE, TarInfo

from loader.archives.members import CHUNK_BYTES, Member, bad_archive, bad_member

MAX_EXTENSION_BYTES = 64 * 1024
MAX_EXTENSIONS = 4  # before one member
MAX_TRAILER_BYTES = 1024 * 1024
NEEDS_PAX_BYTES = 8**11  # a header block has eleven octal digits for the size
END = bytes(BLOCKSIZE)
EXTENSIONS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME)
SIZE = re.compile("[0-9]{1,18}")
PAX_LENGTH = re.compile(b"([0-9]{1,7}) ")
LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.GNUTYPE_LONGLINK)


def read(path: Path) -> Generator[Member]:
    """Yield every member.

    Raises:
        UploadRejected: one is no plain file or folder, or there is more than the archive.
        tarfile.HeaderError, gzip.BadGzipFile, zlib.error, EOFError: it is damaged.
    """
    with gzip.open(path) as stream:
        while (info := _next_member(stream)) is not None:
            _check_type(info)
            if info.isdir():
                yield Member(info.name, None)
                continue
            chunks = _content(stream, info.size)
            yield Member(info.name, chunks)
            deque(chunks, maxlen=0)
        _check_trailer(stream)


def _next_member(stream: gzip.GzipFile) -> TarInfo | None:
    """Read the next member's header and its extended headers; None at the end mark."""
    extended: dict[str, str] = {}
    for _ in range(MAX_EXTENSIONS + 1):
        block = _exactly(stream, BLOCKSIZE)
        if block == END and not extended:
            return None
        info = TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if info.type not in EXTENSIONS:
            return _extended(info, extended)
        if not 0 <= info.size <= MAX_EXTENSION_BYTES:
            raise bad_archive(f"has an extended header of {info.size} bytes")
        extended |= _extension(info, _exactly(stream, info.size))
        _exactly(stream, -info.size % BLOCKSIZE)
    raise bad_archive(f"has more than {MAX_EXTENSIONS} extended headers before one member")


def _extended(info: TarInfo, extended: dict[str, str]) -> TarInfo:
    info.name = extended.get("path", info.name)
    size = int(extended.get("size", info.size))
    if size != info.size and size < NEEDS_PAX_BYTES:
        raise bad_member(info.name, f"has {info.size} bytes and also {size}")
    info.size = size
    return info


def _extension(info: TarInfo, data: bytes) -> dict[str, str]:
    """Return the name and the size that an extended header gives to the next member."""
    if info.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": _text(data.partition(b"\0")[0])}
    records = dict(_pax_records(data))
    if any(keyword.startswith("GNU.sparse.") for keyword in records):
        raise bad_archive("has a sparse file. Pack it without --sparse")
    told: dict[str, str] = {
        keyword: records[keyword] for keyword in ("path", "size") if keyword in records
    }
    if told and info.type == tarfile.XGLTYPE:
        raise bad_archive(f"gives one {' and '.join(told)} to all of its members")
    if not SIZE.fullmatch(told.get("size", "0")):
        raise tarfile.HeaderError(f"the size {told['size']!r:.40} is no number")
    return told


def _pax_records(data: bytes) -> Iterator[tuple[str, str]]:
    """Split records of the form `LENGTH KEYWORD=VALUE\\n`, where LENGTH counts all of it."""
    at = 0
    while at < len(data):
        if (length := PAX_LENGTH.match(data, at)) is None:
            raise tarfile.HeaderError("a pax record has no length")
        end = at + int(length[1])
        keyword, equals, value = data[length.end() : end - 1].partition(b"=")
        if not equals or data[end - 1 : end] != b"\n":
            raise tarfile.HeaderError("a pax record is malformed")
        yield _text(keyword), _text(value)
        at = end


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _check_type(info: TarInfo) -> None:
    if info.type in LINKS:
        advice = "pack what it leads to (tar --dereference --hard-dereference)"
        raise bad_member(info.name, f"is a link; {advice}")
    if info.ischr() or info.isblk() or info.isfifo():
        raise bad_member(info.name, "is a device or a pipe")
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE):
        raise bad_member(info.name, f"is neither file nor folder, but of type {info.type!r}")
    if info.size < 0 or (info.isdir() and info.size > 0):
        raise bad_member(info.name, f"can't have a size of {info.size} bytes")


def _content(stream: gzip.GzipFile, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = _exactly(stream, min(left, CHUNK_BYTES))
        left -= len(chunk)
        yield chunk
    _exactly(stream, -size % BLOCKSIZE)


def _exactly(stream: gzip.GzipFile, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError("it ends before its end mark")
    return data


def _check_trailer(stream: gzip.GzipFile) -> None:
    """Read to the end, so that gzip checks its checksum; only tar's zero padding may follow."""
    trailer = stream.read(MAX_TRAILER_BYTES + 1)
    if len(trailer) > MAX_TRAILER_BYTES or any(trailer):
        raise bad_archive("goes on after its end mark")
