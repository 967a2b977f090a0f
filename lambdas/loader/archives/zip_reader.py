"""Reads the members of a `.zip`, in the order in which they lie, and in little memory.

`zipfile` reads the directory at the archive's end. Each member's own header is compared with that
directory, because readers differ in which of the two they believe.
Format: PKWARE's APPNOTE.TXT 6.3.10.
"""

import io
import stat
import struct
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from loader.archives.members import CHUNK_BYTES, Member, bad_archive, bad_member

MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
LOCAL = struct.Struct("<4s5H3L2H")
END = struct.Struct("<4s4H2LH")
MANY = 0xFFFF  # stands for a number in the ZIP64 record
LARGE = 0xFFFFFFFF
ENCRYPTED = 0x0001 | 0x0040 | 0x2000
SIZES_FOLLOW = 0x0008
PATCH = 0x0020
UTF8 = 0x0800


class _Reader(io.BufferedReader):
    """Bounds each read, because `zipfile` reads the whole directory at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = MAX_DIRECTORY_BYTES + 1 if size is None or size < 0 else size
        if wanted > MAX_DIRECTORY_BYTES + 1:
            raise BadZipFile(f"its directory has more than {MAX_DIRECTORY_BYTES} bytes")
        return super().read(wanted)


def read(path: Path) -> Generator[Member]:
    """Yield every member.

    Raises:
        UploadRejected: one is no plain file or folder, or isn't what the directory says.
        BadZipFile, zlib.error, EOFError: the archive is damaged.
    """
    with _Reader(io.FileIO(path)) as file:
        infos, end = _directory(file)
        if infos and (infos[0].header_offset != 0 or infos[-1].header_offset > end):
            raise bad_archive("doesn't hold its members from its start on")
        ends = [*(info.header_offset for info in infos), end][1:]
        for info, following in zip(infos, ends, strict=True):
            _check_type(info)
            start = _check_local_header(file, info)
            if start + info.compress_size > following:
                raise bad_member(_name(info), "overlaps another")
            chunks = None if _is_folder(info) else _content(file, start, info)
            yield Member(_name(info), chunks)


def _directory(file: _Reader) -> tuple[list[ZipInfo], int]:
    """Return the members in the order in which they lie, and the offset where they must end."""
    try:
        archive = ZipFile(file)
    except BadZipFile as error:
        # `zipfile` hides errors of the file system, which are no fault of the archive.
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise
    except (ValueError, OverflowError, NotImplementedError, struct.error) as error:
        raise BadZipFile(str(error)) from error
    infos, comment = archive.infolist(), archive.comment
    file.seek(0, io.SEEK_END)
    file.seek(max(file.tell() - END.size - len(comment), 0))
    signature, _, _, _, count, _, _, length = END.unpack(_exactly(file, END.size))
    if (signature, length) != (b"PK\5\6", len(comment)):
        raise bad_archive("goes on after its end mark")
    if count not in (len(infos), MANY):
        raise bad_archive(f"has {len(infos)} members where it says {count}")
    return sorted(infos, key=lambda info: info.header_offset), archive.start_dir


def _raw_name(info: ZipInfo) -> bytes:
    # `orig_filename` is decoded but whole; `filename` has been cut and mended.
    return info.orig_filename.encode("utf-8" if info.flag_bits & UTF8 else "cp437")


def _name(info: ZipInfo) -> str:
    # Some writers, such as that of macOS, leave out the flag for UTF-8.
    return _raw_name(info).decode("utf-8", "surrogateescape")


def _is_folder(info: ZipInfo) -> bool:
    return _name(info).endswith("/")


def _check_type(info: ZipInfo) -> None:
    name, kind = _name(info), stat.S_IFMT(info.external_attr >> 16)
    if stat.S_ISLNK(kind):
        raise bad_member(name, "is a link; pack what it leads to")
    if kind not in (0, stat.S_IFDIR if _is_folder(info) else stat.S_IFREG):
        raise bad_member(name, "is neither file nor folder")
    if info.flag_bits & ENCRYPTED:
        raise bad_member(name, "is encrypted")
    if info.flag_bits & PATCH or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise bad_member(name, "is packed in another way than stored or deflated")
    if _is_folder(info) and info.file_size > 0:
        raise bad_member(name, f"is a folder and can't have {info.file_size} bytes")


def _check_local_header(file: _Reader, info: ZipInfo) -> int:
    """Compare a member's own header with the directory; return where its content starts."""
    file.seek(info.header_offset)
    header = LOCAL.unpack(_exactly(file, LOCAL.size))
    signature, _, flags, method, _, _, crc, packed, size, name_length, extra_length = header
    if signature != b"PK\3\4":
        raise bad_member(_name(info), "isn't where the directory says")
    same = _exactly(file, name_length) == _raw_name(info) and method == info.compress_type
    if not flags & SIZES_FOLLOW:
        same &= crc == info.CRC
        same &= packed in (info.compress_size, LARGE) and size in (info.file_size, LARGE)
    if not same or flags & ENCRYPTED:
        raise bad_member(_name(info), "isn't what the directory says")
    return info.header_offset + LOCAL.size + int(name_length) + int(extra_length)


def _content(file: _Reader, start: int, info: ZipInfo) -> Iterator[bytes]:
    chunks = _packed(file, start, info.compress_size)
    checksum, size = 0, 0
    for chunk in _inflated(chunks) if info.compress_type == ZIP_DEFLATED else chunks:
        checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
        yield chunk
    if (checksum, size) != (info.CRC, info.file_size):
        raise BadZipFile("its checksum or its size is wrong")


def _packed(file: _Reader, start: int, size: int) -> Iterator[bytes]:
    file.seek(start)
    for left in range(size, 0, -CHUNK_BYTES):
        yield _exactly(file, min(left, CHUNK_BYTES))


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in chunks:
        data = inflater.decompress(packed, CHUNK_BYTES)
        while data:
            yield data
            data = inflater.decompress(inflater.unconsumed_tail, CHUNK_BYTES)
        if inflater.unused_data:
            raise BadZipFile("there is more than its content")
    if not inflater.eof:
        raise EOFError("its content is cut off")


def _exactly(file: _Reader, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise EOFError("it is cut off")
    return data
