"""Calls under Python's audit, which notes what is about to act and refuses it."""

import contextlib
import signal
import sys
from collections.abc import Callable
from typing import Any

ACTS = (
    *("os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "os.startfile"),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink"),
    *("os.truncate", "os.kill", "os.putenv", "subprocess", "socket", "shutil", "urllib", "http"),
    *("pty.", "ftplib", "smtplib", "webbrowser", "sqlite3", "tempfile"),
)
# These act where they are about what the caller named.
NAMES_IT = ("open", "exec", "compile", "import", "ctypes.dlopen", "pickle.find_class", "os.listdir")
CALL_SECONDS = 1.0


class Refused(BaseException):
    """What the audit raises; it is no `Exception`, so that nothing goes on."""


class Slow(BaseException):
    """What a call that takes long raises."""


class Watch:
    """Notes what acts, and refuses it."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._found: set[str] = set()
        self.on = False
        signal.signal(signal.SIGALRM, _late)
        sys.addaudithook(self._see)

    def during(self, call: Callable[[], Any]) -> set[str]:
        """Make a call; return what it was about to do."""
        self._found = set()
        self.on = True
        signal.setitimer(signal.ITIMER_REAL, CALL_SECONDS)
        try:
            with contextlib.suppress(Exception, Refused, Slow, SystemExit, KeyboardInterrupt):
                call()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.on = False
        return self._found

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event.startswith(ACTS) or (event in NAMES_IT and self._mark in repr(arguments)[:9999]):
            self._found.add(event)
            raise Refused(event)


def _late(*_: object) -> None:
    raise Slow
