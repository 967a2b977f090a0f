"""Runs code in a child process without secrets, with bounded memory and bounded time."""

import ctypes
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile

from modelmount_compiler.error_texts import without_traces

logger = logging.getLogger(__name__)

# The only variables that a child inherits: where programs, libraries and locales are, and the
# threading settings of the image. Credentials and names of functions are not among them.
KEPT_VARIABLES = (
    "PATH",
    "LD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "JOBLIB_MULTIPROCESSING",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
MEMORY_VARIABLE = "CHILD_MEMORY_BYTES"
REPORT_VARIABLE = "CHILD_REPORT_FD"
MAX_REPORT_BYTES = 16 * 1024 * 1024
LOGGED_BYTES = 8192
NOTE_BYTES = 256
PR_SET_PDEATHSIG = 1


class ChildFailed(Exception):
    """The child ended without a report; the text tells the uploader how.

    Attributes:
        exit_signal: the signal that ended it; None if its time was up, or it exited by itself.
        noted: what it had noted last.
    """

    def __init__(self, message: str, *, exit_signal: int | None = None) -> None:
        super().__init__(without_traces(message))
        self.exit_signal = exit_signal
        self.noted = b""


def run_child(
    arguments: list[str], *, seconds: float, memory_bytes: int, doing: str = "Reading the model"
) -> bytes:
    """Run this interpreter with `arguments` and return the bytes that it reports.

    The child bounds itself with `confine` and reports through `report`.

    Raises:
        ChildFailed: it crashed, ran out of memory or time, or reported nothing.
    """
    with tempfile.TemporaryFile() as report, tempfile.TemporaryDirectory() as home:
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        environment |= {
            "HOME": home,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            MEMORY_VARIABLE: str(memory_bytes),
            REPORT_VARIABLE: str(report.fileno()),
        }
        child = subprocess.Popen(  # noqa: S603 (this interpreter, our own arguments)
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=home,
            env=environment,
            pass_fds=(report.fileno(),),
            start_new_session=True,
        )
        try:
            output = _wait(child, seconds, doing)
            if output:
                logger.info("the child wrote: %s", output[-LOGGED_BYTES:].decode(errors="replace"))
            if child.returncode != 0:
                how = _describe_exit(child.returncode, output, doing)
                raise ChildFailed(how, exit_signal=max(-child.returncode, 0) or None)
        except ChildFailed as error:
            error.noted = os.pread(report.fileno(), NOTE_BYTES, 0)
            raise
        report.seek(0)
        return report.read(MAX_REPORT_BYTES)


def _wait(child: subprocess.Popen[bytes], seconds: float, doing: str) -> bytes:
    """Wait for the child, end all processes that it started, and return its output."""
    try:
        return child.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired as error:
        _kill_group(child.pid)
        child.communicate()
        raise ChildFailed(f"{doing} took longer than {seconds:.0f} s.") from error
    finally:
        _kill_group(child.pid)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _describe_exit(returncode: int, output: bytes, doing: str) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    last = lines[-1][:500] if lines else "it said nothing"
    if returncode == -signal.SIGKILL:
        return f"{doing} was killed, most likely for lack of memory (memory_mb)."
    if returncode < 0:
        return f"{doing} crashed the process: {signal.Signals(-returncode).name}; {last}."
    return f"{doing} ended the process with exit code {returncode}: {last}"


def confine() -> None:
    """Limit this process's memory as its parent said, and end it when the parent ends."""
    limit = int(os.environ[MEMORY_VARIABLE])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    # On Linux alone: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def note(data: bytes) -> None:
    """Leave a note for the parent, in case that no report follows; called by the child."""
    os.pwrite(int(os.environ[REPORT_VARIABLE]), data[:NOTE_BYTES].ljust(NOTE_BYTES), 0)


def report(data: bytes) -> None:
    """Pass `data` to the parent; called by the child."""
    with os.fdopen(int(os.environ[REPORT_VARIABLE]), "wb") as file:
        file.truncate()
        file.write(data)
