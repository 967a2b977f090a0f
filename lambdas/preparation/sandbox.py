"""Runs code in a confined child process, with bounded memory and bounded time."""

import json
import logging
import os
import signal
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from confinement.child import Ended, run_confined
from confinement.limits import MEBIBYTE, Limits
from environments.environment import Environment
from modelmount_compiler.error_texts import without_traces

logger = logging.getLogger(__name__)

REPORT_VARIABLE = "CHILD_REPORT_FD"
MAX_REPORT_BYTES = 16 * MEBIBYTE
NOTE_BYTES = 256
# A report, and what a library keeps beside it.
FILE_BYTES = 64 * MEBIBYTE


class ChildFailed(Exception):
    """The child ended without a report; the text tells the uploader how.

    Attributes:
        exit_signal: the signal that ended it; None if its time was up, or it exited by itself.
        noted: what it had noted last.
    """

    def __init__(self, message: str, *, exit_signal: int | None = None, noted: bytes = b"") -> None:
        super().__init__(without_traces(message))
        self.exit_signal = exit_signal
        self.noted = noted


def run_child(
    arguments: list[str],
    *,
    seconds: float,
    memory_bytes: int,
    doing: str = "Reading the model",
    readable: Iterable[Path] = (),
    writable: Iterable[Path] = (),
    file_bytes: int = FILE_BYTES,
    environment: Environment | None = None,
) -> bytes:
    """Run a module, or code after `-c`, and return the bytes that it reports.

    When this returns, the child and all that came of it have ended. The child reports through
    `report`.

    Args:
        readable: the files and folders of the upload.
        writable: folders for results, besides a home of its own that is deleted.
        file_bytes: the most bytes of each file that it writes.
        environment: the one whose interpreter runs it; this process's own if None.

    Raises:
        ChildFailed: it crashed, ran out of memory or time, or reported nothing.
    """
    with (
        tempfile.TemporaryFile() as report,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        home = Path(folder)
        limits = Limits(
            memory_bytes,
            # A folder of a version can be a link: the kernel's rules are about what is behind it.
            readable=tuple(path.resolve() for path in readable),
            writable=(home, *writable),
            file_bytes=file_bytes,
        )
        ended = run_confined(
            arguments,
            limits,
            home=home,
            seconds=seconds,
            python=environment.python if environment else None,
            pass_fds=(report.fileno(),),
            **{REPORT_VARIABLE: str(report.fileno())},
        )
        _log(ended)
        code = ended.exit_code
        if code != 0:
            raise ChildFailed(
                _describe_end(ended, seconds, doing),
                exit_signal=-code if code is not None and code < 0 else None,
                noted=os.pread(report.fileno(), NOTE_BYTES, 0),
            )
        report.seek(0)
        return report.read(MAX_REPORT_BYTES)


def _log(ended: Ended) -> None:
    if ended.output:
        logger.info("the child wrote: %s", ended.output.decode(errors="replace"))
    logger.info("the child's confinement %s", ended.held)


def _describe_end(ended: Ended, seconds: float, doing: str) -> str:
    lines = ended.output.decode(errors="replace").strip().splitlines()
    last = lines[-1][:500] if lines else "it said nothing"
    match ended.exit_code:
        case None:
            return f"{doing} took longer than {seconds:.0f} s."
        case code if code == -signal.SIGKILL:
            return f"{doing} was killed, most likely for lack of memory (memory_mb)."
        case code if code < 0:
            return f"{doing} crashed the process: {signal.Signals(-code).name}; {last}."
        case code:
            return f"{doing} ended the process with exit code {code}: {last}"


def read_report(data: bytes) -> dict[str, Any]:
    """Return a report's object, which model code may have written.

    Raises:
        ChildFailed: it is no JSON object, or has text that can't be written anywhere.
    """
    try:
        found = json.loads(data)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ChildFailed(f"The model's process reported no result: {error}.") from error
    if not isinstance(found, dict):
        raise ChildFailed("The model's process reported no result.")
    return found


def note(data: bytes) -> None:
    """Leave a note for the parent, in case that no report follows; called by the child."""
    os.pwrite(int(os.environ[REPORT_VARIABLE]), data[:NOTE_BYTES].ljust(NOTE_BYTES), 0)


def report(data: bytes) -> None:
    """Pass `data` to the parent; called by the child."""
    with os.fdopen(int(os.environ[REPORT_VARIABLE]), "wb") as file:
        file.truncate()
        file.write(data)
