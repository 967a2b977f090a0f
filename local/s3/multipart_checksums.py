"""The checksums of uploads in parts: of each part, and of the whole when it is completed."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from local.s3.checksums import ALGORITHMS, CRCS, composite, full_object
from local.s3.errors import S3Error
from local.s3.received_body import NO_CHECKSUMS, PREFIX, ReceivedBody, verify_value

FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"


def check_begun(headers: Mapping[str, str]) -> None:
    """Checks what CreateMultipartUpload asks for; raises `S3Error` for what no upload can have."""
    algorithm = headers.get(f"{PREFIX}algorithm", "").upper()
    kind = headers.get(f"{PREFIX}type", "").upper()
    if algorithm and algorithm not in ALGORITHMS:
        raise S3Error("InvalidRequest", f"Checksum algorithm provided is unsupported: {algorithm}.")
    if kind and not algorithm:
        raise S3Error("InvalidRequest", f"The {PREFIX}type header needs {PREFIX}algorithm.")
    only = {
        "CRC64NVME": FULL_OBJECT,
        **{name: COMPOSITE for name in ALGORITHMS if name not in CRCS},
    }
    if kind and only.get(algorithm, kind) != kind:
        raise S3Error(
            "InvalidRequest",
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum "
            "algorithm.",
        )


class MultipartChecksums:
    """What was verified of each part, by upload; they are kept as long as moto keeps parts."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[int, tuple[int, dict[str, bytes]]]] = {}

    def note(self, upload: str, number: str, body: ReceivedBody) -> None:
        """Notes a part that was received."""
        self._parts.setdefault(upload, {})[int(number)] = (body.size, body.digests)

    def forget(self, upload: str) -> None:
        """Forgets an upload that was completed or aborted."""
        self._parts.pop(upload, None)

    def check_completed(self, upload: str, headers: Mapping[str, str], body: bytes) -> None:
        """Checks what CompleteMultipartUpload states of the parts and of the whole.

        Raises:
            S3Error: a part has another checksum (`InvalidPart`), or the whole (`BadDigest`).
        """
        parts = self._parts.get(upload, {})
        listed = [*_listed(body)]
        for number, stated in listed:
            known = parts.get(number, (0, {}))[1]
            for algorithm, value in stated.items():
                if algorithm in known:
                    _check_part(algorithm, value, known[algorithm])
        for header, value in headers.items():
            name = header.lower()
            if name.startswith(PREFIX) and name not in NO_CHECKSUMS:
                self._check_whole(name, value, [parts[n] for n, _ in listed if n in parts])
        size = headers.get("x-amz-mp-object-size")
        sizes = [parts[number][0] for number, _ in listed if number in parts]
        if size is not None and len(sizes) == len(listed) and size != str(sum(sizes)):
            raise S3Error(
                "InvalidRequest",
                "The provided 'x-amz-mp-object-size' header does not match what was computed.",
            )

    def _check_whole(
        self, name: str, value: str, parts: list[tuple[int, dict[str, bytes]]]
    ) -> None:
        algorithm = name.removeprefix(PREFIX).upper()
        if not parts or not all(algorithm in digests for _, digests in parts):
            return  # moto computes it
        digests = [composite(algorithm, [found[algorithm] for _, found in parts])]
        if algorithm in CRCS:
            whole = full_object(algorithm, [(found[algorithm], size) for size, found in parts])
            digests = [whole] if algorithm == "CRC64NVME" else [whole, *digests]
        verify_value(name, value.partition("-")[0], *digests)


def _check_part(algorithm: str, value: str, digest: bytes) -> None:
    try:
        verify_value(PREFIX + algorithm.lower(), value, digest)
    except S3Error as error:
        raise S3Error(
            "InvalidPart",
            "One or more of the specified parts could not be found. The part may not have been "
            "uploaded, or the specified entity tag may not match the part's entity tag.",
        ) from error


def _listed(body: bytes) -> list[tuple[int, dict[str, str]]]:
    """Returns the parts that a request lists, each with the checksums that it states."""
    try:
        root = ET.fromstring(body)  # noqa: S314 the local server's own caller
        return [
            (
                int(part.findtext("{*}PartNumber") or 0),
                {
                    algorithm: text
                    for algorithm in ALGORITHMS
                    if (text := part.findtext(f"{{*}}Checksum{algorithm}"))
                },
            )
            for part in root.iterfind("{*}Part")
        ]
    except (ET.ParseError, ValueError):
        return []  # moto refuses it
