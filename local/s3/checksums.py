"""The checksums that S3 verifies and states: in base64, a CRC's bytes big-endian.

Amazon S3 User Guide, "Checking object integrity". AWS's own library computes the two CRCs that
Python hasn't; without it pure Python does, at a few MB/s.
"""

import base64
import functools
import hashlib
import importlib
import zlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

# Polynomials in reversed notation, and the width in bits.
CRCS = {
    "CRC32": (0xEDB88320, 32),
    "CRC32C": (0x82F63B78, 32),
    "CRC64NVME": (0x9A6C9329AC4BC9B5, 64),
}


class Checksum(Protocol):
    """A running checksum, as hashlib's objects are."""

    def update(self, data: bytes, /) -> None:
        """Takes the next bytes."""

    def digest(self) -> bytes:
        """Returns the checksum of all so far."""


class Crc:
    """A CRC as a running checksum."""

    def __init__(self, advance: Callable[[bytes, int], int], bits: int) -> None:
        self._advance = advance
        self._bytes = bits // 8
        self._value = 0

    def update(self, data: bytes, /) -> None:
        """Takes the next bytes."""
        self._value = self._advance(data, self._value)

    def digest(self) -> bytes:
        """Returns the checksum of all so far."""
        return self._value.to_bytes(self._bytes, "big")


def _in_python(polynomial: int, bits: int) -> Callable[[bytes, int], int]:
    table = [*range(256)]
    for _ in range(8):
        table = [value >> 1 ^ (polynomial if value & 1 else 0) for value in table]
    ones = (1 << bits) - 1

    def advance(data: bytes, before: int) -> int:
        value = before ^ ones
        for byte in data:
            value = value >> 8 ^ table[(value ^ byte) & 0xFF]
        return value ^ ones

    return advance


def _algorithms() -> dict[str, Callable[[], Checksum]]:
    try:
        crt: Any = importlib.import_module("awscrt.checksums")
    except ImportError:
        crt = None
    found: dict[str, Callable[[], Checksum]] = {
        "SHA1": functools.partial(hashlib.sha1, usedforsecurity=False),
        "SHA256": hashlib.sha256,
        "SHA512": hashlib.sha512,
        "MD5": functools.partial(hashlib.md5, usedforsecurity=False),
    }
    for name, (polynomial, bits) in CRCS.items():
        fast = zlib.crc32 if name == "CRC32" else getattr(crt, name.lower(), None)
        found[name] = functools.partial(Crc, fast or _in_python(polynomial, bits), bits)
    return found


ALGORITHMS = _algorithms()


def compute(body: bytes, algorithm: str, encode_base64: bool = True) -> bytes:
    """Returns the checksum of a whole body, with the signature of moto's function."""
    checksum = ALGORITHMS[algorithm]()
    checksum.update(body)
    return base64.b64encode(checksum.digest()) if encode_base64 else checksum.digest()


def composite(algorithm: str, parts: Sequence[bytes]) -> bytes:
    """Returns the checksum over the parts' checksums."""
    return compute(b"".join(parts), algorithm, encode_base64=False)


def full_object(algorithm: str, parts: Sequence[tuple[bytes, int]]) -> bytes:
    """Returns the CRC of a whole object from the CRCs and sizes of its parts."""
    _, bits = CRCS[algorithm]
    value = 0
    for digest, size in parts:
        value = _after_zeros(algorithm, value, size) ^ int.from_bytes(digest, "big")
    return value.to_bytes(bits // 8, "big")


def _after_zeros(algorithm: str, value: int, count: int) -> int:
    """Returns what becomes of a CRC when so many zero bytes follow: it is linear in its bits."""
    polynomial, bits = CRCS[algorithm]
    # The operator of one zero bit; squared three times it is that of a byte.
    operator = [polynomial, *(1 << bit for bit in range(bits - 1))]
    for _ in range(3):
        operator = _squared(operator)
    while count:
        if count & 1:
            value = _times(operator, value)
        operator = _squared(operator)
        count >>= 1
    return value


def _times(operator: Sequence[int], value: int) -> int:
    result = 0
    for column in operator:
        if value & 1:
            result ^= column
        value >>= 1
    return result


def _squared(operator: Sequence[int]) -> list[int]:
    return [_times(operator, column) for column in operator]
