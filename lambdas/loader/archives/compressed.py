"""Unpacks one compressed file, such as `fraud.onnx.gz`, under the limits of an archive."""

import bz2
import gzip
import hashlib
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from loader.archives.members import CHUNK_BYTES
from loader.archives.unpacking import ALWAYS_ALLOWED_BYTES, MAX_RATIO, no_space
from loader.transfer.object_copy import FULL
from loader.transfer.tree import Tree, new_file
from serving.errors import UploadRejected
from serving.formats.file_names import unpacked_name
from serving.records.manifest import ModelFile

# A damaged stream of bzip2 is a plain OSError, as a fault of the file system is: it has no errno.
DAMAGED = (gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError)
OPENERS: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
    b"\x5d\x00\x00": lzma.open,
}
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def unpack(packed: Path, folder: Path, max_bytes: int) -> ModelFile:
    """Unpack the file into a folder, durably; one that isn't compressed is taken as it is.

    Raises:
        UploadRejected: it is damaged, has more than `max_bytes`, or there is no room for it.
    """
    name = unpacked_name(packed.name)
    limit = min(max_bytes, max(ALWAYS_ALLOWED_BYTES, MAX_RATIO * packed.stat().st_size))
    digest, size = hashlib.sha256(), 0
    try:
        with (
            Tree(folder) as tree,
            tree.folder(PurePosixPath()) as descriptor,
            new_file(name, descriptor) as target,
            open(target, "wb", closefd=False) as file,
        ):
            for chunk in _chunks(packed):
                size += file.write(chunk)
                if size > limit:
                    raise _bad(packed, f"has more than {limit} bytes when it is unpacked")
                digest.update(chunk)
            file.flush()
            os.fsync(target)
    except DAMAGED as error:
        raise _bad(packed, f"is damaged or cut off: {error}") from error
    except OSError as error:
        if error.errno is None:
            raise _bad(packed, f"is damaged: {error}") from error
        if error.errno in FULL:
            raise no_space(packed.name, error) from error
        raise
    return ModelFile(name, size, digest.hexdigest())


def _bad(packed: Path, why: str) -> UploadRejected:
    advice = "Compress the model again, or upload it as it is."
    return UploadRejected("BAD_ARCHIVE", f"{packed.name!r} {why}. {advice}")


def _chunks(packed: Path) -> Iterator[bytes]:
    """Yield the content; how it is packed is read from its first bytes."""
    with packed.open("rb") as file:
        start = file.read(8)
    if start.startswith(ZLIB):
        yield from _inflated(packed)
        return
    opener = next((known for mark, known in OPENERS.items() if start.startswith(mark)), open)
    with opener(packed, "rb") as unpacked:
        while chunk := unpacked.read(CHUNK_BYTES):
            yield chunk


def _inflated(packed: Path) -> Iterator[bytes]:
    """Yield the content of a zlib stream, which has no file object in Python."""
    inflate = zlib.decompressobj()
    with packed.open("rb") as file:
        while not inflate.eof:
            data = inflate.unconsumed_tail or file.read(CHUNK_BYTES)
            if not data:
                raise EOFError("the stream ends too early")
            yield inflate.decompress(data, CHUNK_BYTES)
        if inflate.unused_data or file.read(1):
            raise zlib.error("other data follows the stream")
