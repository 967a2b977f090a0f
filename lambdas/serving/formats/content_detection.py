"""Detection of formats by content; each function takes a file opened at its start."""

import bz2
import io
import itertools
import lzma
import pickletools
import re
import struct
import zipfile
import zlib
from typing import Any, BinaryIO, cast

# How a compressed joblib file starts: zlib (four levels), gzip, bzip2, xz, lzma, lz4 frame.
COMPRESSED = (
    *(b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),
    *(b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x5d\x00\x00", b"\x04\x22\x4d\x18"),
)
# No text gets that far by chance, and joblib's arrays, which are no opcodes, come later.
FOLLOWED_OPCODES = 20
# As many bytes are read for it; a longer opcode isn't followed, and so many before it are enough.
OPCODE_BYTES, MANY_OPCODES = 1 << 20, 5

FOLLOWED_BYTES = 4096
# A class of joblib's, which stands in the file before the first array.
JOBLIB_ARRAY, JOBLIB_BYTES = b"joblib.numpy_pickle", 1 << 16

DIRECTORY_BYTES = 1 << 24  # of a zip, some hundred thousand names

# An XGBoost model is an object with the keys `learner` and `version`, in UBJSON or in JSON.
UBJSON_MODEL = re.compile(rb"\{L.{7}(\x07learner|\x07version)", re.DOTALL)
JSON_MODEL = re.compile(rb'\s*\{\s*"(learner|version)"\s*:')
LIGHTGBM_MODEL = re.compile(rb"tree\r?\nversion=v\d")
CATBOOST_MODEL = b"CBM1"

# ModelProto of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3: ir_version, graph and
# opset_import, which comes last.
ONNX_START = re.compile(rb"\x08[\x01-\x20][\x08-\xff]")
NEEDED_FIELDS = {1, 7, 8}
MOST_FIELDS = 100_000
NUMBER, LENGTH = 0, 2  # wire types: a number follows the tag, or a length and so many bytes


def is_joblib(file: BinaryIO) -> bool:
    """Whether joblib.dump wrote it, compressed or not."""
    if file.read(8).startswith(COMPRESSED):
        return True
    file.seek(0)
    return is_pickle(file)


def is_dumped_by_joblib(file: BinaryIO) -> bool:
    """Whether it is a pickle that is compressed, or one with joblib's own arrays."""
    start = file.read(JOBLIB_BYTES)
    if start.startswith(COMPRESSED):
        inner = io.BytesIO(_inner(start))
        return is_pickle(inner)
    return JOBLIB_ARRAY in start and is_pickle(io.BytesIO(start))


def _inner(start: bytes) -> bytes:
    """Return how the content of a compressed file begins; empty where it can't be unpacked."""
    for begin in (zlib.decompressobj, _gunzip, bz2.BZ2Decompressor, lzma.LZMADecompressor):
        decompressor: Any = begin()
        try:
            return bytes(decompressor.decompress(start, FOLLOWED_BYTES))
        except (zlib.error, OSError, lzma.LZMAError, EOFError):
            continue
    return b""


def _gunzip() -> Any:
    return zlib.decompressobj(wbits=31)


def is_pickle(file: BinaryIO) -> bool:
    """Whether it is a pickle of any protocol."""
    if file.read(1) == b"\x80":  # protocol 2 and later open with PROTO
        return True
    file.seek(0)
    # Protocols 0 and 1 have no mark: follow the first opcodes. One may hold the rest of the file.
    start, followed = file.read(OPCODE_BYTES), 0
    try:
        for _ in itertools.islice(pickletools.genops(io.BytesIO(start)), FOLLOWED_OPCODES):
            followed += 1
    except Exception:
        return len(start) == OPCODE_BYTES and followed > MANY_OPCODES
    return followed > 1


def is_skops(file: BinaryIO) -> bool:
    """Whether it is a zip with the schema of skops."""
    return "schema.json" in zip_names(file)


class _BoundedReads:
    """Bounds each read of a file, because `zipfile` reads the whole directory at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if size > DIRECTORY_BYTES:
            raise zipfile.BadZipFile
        return self._file.read(DIRECTORY_BYTES if size < 0 else size)


def zip_names(file: BinaryIO) -> list[str]:
    """Return the names in a zip; none where it can't be read."""
    try:
        with zipfile.ZipFile(cast("BinaryIO", _BoundedReads(file))) as archive:
            return archive.namelist()
    except zipfile.BadZipFile:
        return []
    except (NotImplementedError, OSError, ValueError, OverflowError, EOFError, struct.error):
        return []  # `zipfile` lets these through for some damages, and for unknown versions


def is_xgboost(file: BinaryIO) -> bool:
    """Whether it begins as a model of XGBoost does."""
    start = file.read(4096)
    return bool(UBJSON_MODEL.match(start) or JSON_MODEL.match(start))


def is_lightgbm(file: BinaryIO) -> bool:
    """Whether it begins as a model of LightGBM does."""
    return LIGHTGBM_MODEL.match(file.read(64)) is not None


def is_catboost(file: BinaryIO) -> bool:
    """Whether it begins as a model of CatBoost's own format does."""
    return file.read(len(CATBOOST_MODEL)) == CATBOOST_MODEL


def is_onnx(file: BinaryIO) -> bool:
    """Whether the fields of the outermost message are those of a model: ONNX has no magic bytes.

    Encoding: https://protobuf.dev/programming-guides/encoding/. A truncated file isn't one.
    """
    try:
        return fields(file) >= NEEDED_FIELDS
    except EOFError:
        return False


def may_be_model(head: bytes) -> bool:
    """Whether a file that begins so may be of one of these formats, whatever its name."""
    likely = (b"\x80", b"PK\x03\x04", CATBOOST_MODEL, *COMPRESSED)
    patterns = (UBJSON_MODEL, JSON_MODEL, LIGHTGBM_MODEL, ONNX_START)
    return head.startswith(likely) or any(pattern.match(head) for pattern in patterns)


def is_surely_model(head: bytes) -> bool:
    """Whether a file that begins so is of a format that no other kind of file begins like."""
    patterns = (UBJSON_MODEL, JSON_MODEL, LIGHTGBM_MODEL)
    if head.startswith(CATBOOST_MODEL) or any(pattern.match(head) for pattern in patterns):
        return True
    return head.startswith(b"\x80") and is_pickle(io.BytesIO(head))


def fields(file: BinaryIO) -> set[int]:
    """Return the field numbers of a message that fills the file; none where it is no message.

    Raises:
        EOFError: it ends in the midst of a field.
    """
    end = file.seek(0, 2)
    file.seek(0)
    found: set[int] = set()
    for _ in range(MOST_FIELDS):
        if file.tell() == end:
            return found
        tag, value = _varint(file), _varint(file)
        found.add(tag >> 3)
        if tag & 7 == LENGTH and value <= end - file.tell():
            file.seek(value, 1)
        elif tag & 7 != NUMBER:
            break
    return set()


def _varint(file: BinaryIO) -> int:
    """Read a number, 7 bits to a byte, the lowest first; raises `EOFError`."""
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            raise EOFError
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            break
    return value
