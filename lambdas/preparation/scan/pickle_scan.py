"""Scans a pickle in a child process, before it is loaded, and refuses unsafe calls.

It reads on the way what the file states of the libraries that saved it.

python -m preparation.scan.pickle_scan PATH FORMAT MAX_BYTES ROOT
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

# joblib's own choice of decompressor, since another choice could give other bytes.
from joblib.numpy_pickle_utils import _validate_fileobject_and_memmap as _unpacked

from modelmount_compiler.errors import OWN_CODE
from modelmount_compiler.frameworks.loading_policy.advice import advice
from modelmount_compiler.frameworks.loading_policy.record import Record
from own_code.definitions import Definitions
from preparation.sandbox import report
from preparation.scan import missing_code
from preparation.scan.bounded_file import BoundedFile, Trailing
from preparation.scan.inert_joblib import InertJoblibUnpickler
from preparation.scan.inert_values import Suspicious
from preparation.scan.lenient_unpickler import LenientUnpickler
from preparation.stated import pickled, sought
from preparation.stated.reading import with_beside
from preparation.stated.stated import Stated
from serving.errors import UploadRejected
from serving.records import codec

NAMED_AT_MOST = 10
LZ4 = "LZ4 is not installed"  # joblib's words
SKOPS = (
    "What skops.io.dump saves needs no trust; skops.io.get_untrusted_types shows what is in it, "
    "and the same names are refused there."
)
ADVICE = f"{OWN_CODE} {SKOPS}"


def main(path: Path, fmt: str, max_bytes: int, root: Path) -> None:
    """Report what the file states, and the reason of a refusal where there is one."""
    report(json.dumps(found_in(path, fmt, max_bytes, root)).encode())


def found_in(path: Path, fmt: str, max_bytes: int, root: Path) -> dict[str, Any]:
    """Return what the file states, and a refusal where there is one."""
    record = Record()
    fault = _read(path, max_bytes, record, InertJoblibUnpickler)
    found: dict[str, Any] = {"stated": codec.encode(_stated(path, max_bytes, root, record, fault))}
    try:
        _judge(record, fault, fmt)
    except UploadRejected as error:
        found["rejected"] = {
            "code": error.rejection_code,
            "reason": str(error)[:2000],
            "file": error.file,
            "needs_code": error.needs_code,
        }
    return found


def scan(path: Path, fmt: str, max_bytes: int) -> None:
    """Scan all pickles of a file that unpacks to at most `max_bytes`.

    Raises:
        UploadRejected: a pickle does something that no model needs, or no `dump` wrote it so.
    """
    record = Record()
    _judge(record, _read(path, max_bytes, record, InertJoblibUnpickler), fmt)


def _stated(
    path: Path, max_bytes: int, root: Path, record: Record, fault: Exception | None
) -> Stated:
    """Return what the file says of its versions, even where the scan stopped before the end."""
    try:
        if fault is not None:
            lenient = Record()
            _read(path, max_bytes, lenient, LenientUnpickler)
            found = pickled.of(lenient)
            found = found if found.versions else replace(found, versions=sought.versions(path))
        else:
            found = pickled.of(record)
    except MemoryError:
        found = Stated()
    return with_beside(found, path, root)


def _judge(record: Record, fault: Exception | None, fmt: str) -> None:
    # Names come first: a load would have called them before it met the fault.
    if untrusted := record.untrusted():
        names = ", ".join(untrusted[:NAMED_AT_MOST])
        what_to_do = f"{advice(untrusted)} {SKOPS}"
        is_own = missing_code.may_be_own(untrusted)
        raise UploadRejected(
            "UNSAFE_PICKLE",
            f"Loading it would use {names}. {what_to_do}",
            file=missing_code.stub(missing_code.missing(record, Definitions(()))) if is_own else "",
            needs_code=is_own,
        )
    if isinstance(fault, Suspicious):
        raise UploadRejected("UNSAFE_PICKLE", f"No plain model: {fault}. {ADVICE}")
    if faults := record.faults():
        raise UploadRejected("UNSAFE_PICKLE", f"No plain model: {'; '.join(faults)}. {ADVICE}")
    if isinstance(fault, MemoryError):
        reason = "Reading the model needs more memory than this deployment has (memory_mb)."
        raise UploadRejected("OUT_OF_MEMORY", reason)
    if isinstance(fault, Trailing):
        reason = f"The {fmt} file is damaged: {fault}. Save the model again, into a new file."
        raise UploadRejected("CORRUPT_FILE", reason)
    if fault is not None and LZ4 in str(fault):
        reason = (
            "joblib packed it with lz4, which isn't installed here. Save it with gzip instead: "
            "joblib.dump(model, path, compress=('gzip', 3))."
        )
        raise UploadRejected("UNSUPPORTED_FORMAT", reason)
    if fault is not None:
        reason = f"The file couldn't be read as {fmt}: {type(fault).__name__}: {fault}"
        raise UploadRejected("CORRUPT_FILE", reason)


def _read(
    path: Path, max_bytes: int, record: Record, unpickler: type[InertJoblibUnpickler]
) -> Exception | None:
    """Gather what the pickles would do; return the error that ended the reading, if any."""
    try:
        with path.open("rb") as packed, _unpacked(packed, str(path)) as (unpacked, _):
            if isinstance(unpacked, str):
                raise Suspicious("it is of a joblib before 0.10")
            file = BoundedFile(unpacked, max_bytes)
            unpickler(file, record).load()
            # joblib.load stops after the first pickle; other tools read on.
            while not file.at_end():
                unpickler(file, record).load()
    except Exception as error:
        return error.with_traceback(None)  # a traceback would keep alive all that was read
    return None


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
