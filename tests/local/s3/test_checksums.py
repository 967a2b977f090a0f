"""S3's checksums, against published check values and against whole computations."""

import random

import pytest

from local.s3 import checksums
from local.s3.checksums import ALGORITHMS, CRCS, Crc

# Of the nine digits, as the catalogue of CRC algorithms has them (CRC-64/NVME, CRC-32/ISCSI, …).
CHECK = {"CRC32": "cbf43926", "CRC32C": "e3069283", "CRC64NVME": "ae8b14860a799888"}


@pytest.mark.parametrize("name", CHECK)
def test_the_check_value_is_the_published_one(name: str) -> None:
    assert checksums.compute(b"123456789", name, encode_base64=False).hex() == CHECK[name]
    polynomial, bits = CRCS[name]
    slow = Crc(checksums._in_python(polynomial, bits), bits)
    for byte in b"123456789":
        slow.update(bytes([byte]))
    assert slow.digest().hex() == CHECK[name]


@pytest.mark.parametrize("name", CRCS)
def test_parts_give_the_checksum_of_the_whole(name: str) -> None:
    source = random.Random(7)
    for sizes in ([0], [1], [5, 0, 9], [4096, 1, 4097], [source.randrange(3000) for _ in range(9)]):
        parts = [source.randbytes(size) for size in sizes]
        known = [(checksums.compute(part, name, encode_base64=False), len(part)) for part in parts]
        whole = checksums.compute(b"".join(parts), name, encode_base64=False)
        assert checksums.full_object(name, known) == whole


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_composite_checksum_is_that_of_the_parts_checksums(name: str) -> None:
    parts = [checksums.compute(part, name, encode_base64=False) for part in (b"one", b"two")]
    assert checksums.composite(name, parts) == checksums.compute(
        b"".join(parts), name, encode_base64=False
    )
