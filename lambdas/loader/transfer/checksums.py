"""Checksums that S3 states of an object, and the same computed from its bytes.

A checksum over the whole object is in base64. That of a multipart upload may be composite: the
checksum of the parts' binary checksums, `-`, and the number of parts. An ETag is such a
checksum too, by MD5 and in hexadecimal, unless the object is encrypted with a key of KMS.
Source: Amazon S3 User Guide, "Checking object integrity", and API Reference, "Object" (ETag).
"""

import base64
import functools
import hashlib
import importlib
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

_ETAG_OF_MD5 = re.compile(r'"?([0-9a-f]{32})(?:-(\d+))?"?')


class Checksum(Protocol):
    """A running checksum, as hashlib's objects are."""

    def update(self, data: memoryview | bytes, /) -> None:
        """Take the next bytes."""

    def digest(self) -> bytes:
        """Return the checksum of all so far."""


class Crc:
    """A CRC with the interface of `Checksum`; S3 writes it big-endian."""

    def __init__(self, advance: Callable[[memoryview | bytes, int], int], size: int) -> None:
        self._advance = advance
        self._size = size
        self._value = 0

    def update(self, data: memoryview | bytes, /) -> None:
        """Take the next bytes."""
        self._value = self._advance(data, self._value)

    def digest(self) -> bytes:
        """Return the checksum of all so far."""
        return self._value.to_bytes(self._size, "big")


class CompositeChecksum:
    """The checksum over the parts' checksums, computed from the object's bytes in order."""

    def __init__(self, new: Callable[[], Checksum], part_sizes: Iterable[int]) -> None:
        self._new = new
        self._sizes = iter(part_sizes)
        self._whole = new()
        self._begin_part()

    def _begin_part(self) -> None:
        self._part, self._left = self._new(), next(self._sizes, sys.maxsize)

    def update(self, data: memoryview | bytes, /) -> None:
        """Take the next bytes."""
        while len(data) >= self._left:
            self._part.update(data[: self._left])
            self._whole.update(self._part.digest())
            data = data[self._left :]
            self._begin_part()
        self._part.update(data)
        self._left -= len(data)

    def digest(self) -> bytes:
        """Return the checksum over all parts that are complete."""
        return self._whole.digest()


def _algorithms() -> dict[str, Callable[[], Checksum]]:
    found: dict[str, Callable[[], Checksum]] = {
        "SHA256": hashlib.sha256,
        "SHA1": functools.partial(hashlib.sha1, usedforsecurity=False),
        "SHA512": hashlib.sha512,
        "MD5": functools.partial(hashlib.md5, usedforsecurity=False),
        "CRC32": functools.partial(Crc, zlib.crc32, 4),
    }
    # In pure Python these two run at a few MB/s. AWS's library, where the runtime has it, runs
    # at memory speed. Its older versions have only the first.
    try:
        crt = importlib.import_module("awscrt.checksums")
    except ImportError:
        return found
    for name, size in (("CRC32C", 4), ("CRC64NVME", 8)):
        if hasattr(crt, name.lower()):
            found[name] = functools.partial(Crc, getattr(crt, name.lower()), size)
    return found


ALGORITHMS = _algorithms()


@dataclass(frozen=True, slots=True)
class StatedChecksum:
    """A checksum that S3 states.

    Attributes:
        parts: the number of parts of a composite checksum; 0 for one over the whole object.
    """

    algorithm: str
    digest: bytes
    parts: int = 0

    def compute(self, part_sizes: Iterable[int]) -> Checksum:
        """Return a running checksum that ends in the same digest for the same bytes."""
        new = ALGORITHMS[self.algorithm]
        return CompositeChecksum(new, part_sizes) if self.parts else new()


def stated_checksum(head: Mapping[str, Any]) -> StatedChecksum | None:
    """Return a checksum of HeadObject's answer that can be computed here, if there is one."""
    for algorithm in ALGORITHMS:
        value = head.get(f"Checksum{algorithm}")
        if value and not _is_ambiguous(value, head):
            digest, _, parts = value.partition("-")
            return StatedChecksum(algorithm, base64.b64decode(digest), int(parts or 0))
    etag = _ETAG_OF_MD5.fullmatch(head["ETag"])
    if etag is None or head.get("ServerSideEncryption", "AES256") != "AES256":
        return None
    return StatedChecksum("MD5", bytes.fromhex(etag[1]), int(etag[2] or 0))


def _is_ambiguous(value: str, head: Mapping[str, Any]) -> bool:
    """Whether a checksum may be composite without saying so, as that of some servers is."""
    multipart = "-" in head["ETag"]
    return multipart and "-" not in value and head.get("ChecksumType") != "FULL_OBJECT"
