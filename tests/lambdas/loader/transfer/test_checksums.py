import base64
import hashlib
import zlib
from typing import Any

import pytest

from loader.transfer import checksums
from loader.transfer.checksums import CompositeChecksum, StatedChecksum

DATA = bytes(range(256)) * 40
CRC = zlib.crc32(DATA).to_bytes(4, "big")
MD5 = hashlib.md5(DATA)
ETAG = f'"{MD5.hexdigest()}"'
OF_PARTS = '"0123456789abcdef0123456789abcdef-3"'


def encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({"ETag": ETAG, "ChecksumCRC32": encoded(CRC)}, StatedChecksum("CRC32", CRC)),
        ({"ETag": OF_PARTS, "ChecksumCRC32": encoded(CRC) + "-3"}, StatedChecksum("CRC32", CRC, 3)),
        (
            {"ETag": OF_PARTS, "ChecksumCRC32": encoded(CRC), "ChecksumType": "FULL_OBJECT"},
            StatedChecksum("CRC32", CRC),
        ),
        ({"ETag": ETAG}, StatedChecksum("MD5", MD5.digest())),
        ({"ETag": ETAG, "ServerSideEncryption": "AES256"}, StatedChecksum("MD5", MD5.digest())),
        ({"ETag": OF_PARTS}, StatedChecksum("MD5", bytes.fromhex("0123456789abcdef" * 2), 3)),
        ({"ETag": ETAG, "ServerSideEncryption": "aws:kms"}, None),
        ({"ETag": '"6b010729-40000000"'}, None),
    ],
)
def test_what_can_be_verified(head: dict[str, Any], expected: StatedChecksum | None) -> None:
    assert checksums.stated_checksum(head) == expected


def test_a_checksum_that_could_be_of_the_object_or_of_its_parts_is_passed_over() -> None:
    found = checksums.stated_checksum({"ETag": OF_PARTS, "ChecksumCRC32": encoded(CRC)})
    assert found is not None
    assert found.algorithm == "MD5"


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("CRC32", CRC),
        ("SHA1", hashlib.sha1(DATA).digest()),
        ("SHA256", hashlib.sha256(DATA).digest()),
        ("SHA512", hashlib.sha512(DATA).digest()),
        ("MD5", MD5.digest()),
    ],
)
def test_algorithms(algorithm: str, digest: bytes) -> None:
    computed = StatedChecksum(algorithm, digest).compute([])
    for at in range(0, len(DATA), 999):
        computed.update(DATA[at : at + 999])
    assert computed.digest() == digest


@pytest.mark.parametrize("chunk", [1, 7, 100, 101, 5000, len(DATA)])
def test_a_composite_checksum_whatever_the_chunks(chunk: int) -> None:
    sizes = [100, 5000, len(DATA) - 5100]
    parts = [DATA[:100], DATA[100:5100], DATA[5100:]]
    expected = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
    computed = CompositeChecksum(hashlib.sha256, sizes)
    for at in range(0, len(DATA), chunk):
        computed.update(memoryview(DATA)[at : at + chunk])
    assert computed.digest() == expected
