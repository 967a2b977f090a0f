"""The zygotes of this process: one for each environment, started when first needed."""

import atexit
import contextlib
import functools
import logging
import threading
import weakref
from pathlib import Path

from workers.frames import Connection
from workers.zygote_process import Threaded, ZygoteProcess

logger = logging.getLogger(__name__)
# A zygote without workers is let go for want of memory once it has forked none for so long.
UNUSED_SECONDS = 10.0


class Zygotes:
    """One zygote for each interpreter, so that workers of an environment share its libraries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forking: dict[Path, ZygoteProcess] = {}
        self._all: weakref.WeakSet[ZygoteProcess] = weakref.WeakSet()
        self._threaded: dict[Path, set[str]] = {}

    def fork(
        self, python: Path, modules: tuple[str, ...], deadline: float
    ) -> tuple[ZygoteProcess, int, Connection]:
        """Start a worker; return its parent, its id and the way to it.

        A zygote in which a module started a thread forks no more. Its workers stay, another one
        takes its place, and whoever needs that module imports it in the worker.

        Raises:
            NotStarted: there is none.
        """
        while True:
            zygote = self.of(python)
            alone = self._threaded.get(python, set())
            shared = tuple(name for name in modules if name not in alone)
            try:
                return zygote, *zygote.fork(shared, deadline)
            except Threaded as error:
                logger.warning("%s starts a thread: workers import it by themselves", error)
                with self._lock:
                    self._threaded.setdefault(python, set()).add(str(error))
                    if self._forking.get(python) is zygote:
                        del self._forking[python]

    def of(self, python: Path) -> ZygoteProcess:
        """Return the zygote of an interpreter; it may not have been started yet."""
        with self._lock:
            zygote = self._forking.get(python)
            if zygote is None:
                zygote = self._forking[python] = ZygoteProcess(python)
                self._all.add(zygote)
            return zygote

    def all(self) -> list[ZygoteProcess]:
        """Return all zygotes that have workers, or may get some."""
        with self._lock:
            return list(self._all)

    def all_bytes(self) -> int:
        """Return the resident memory of all zygotes and workers."""
        return sum(zygote.all_bytes() for zygote in self.all())

    def let_go(self, seconds: float = UNUSED_SECONDS) -> bool:
        """End the zygotes that are unused for so long; return whether there were any."""
        gone = [zygote.let_go(seconds) for zygote in self.all()]
        return any(gone)

    def close(self) -> None:
        """End all zygotes and workers."""
        for zygote in self.all():
            with contextlib.suppress(OSError):
                zygote.close()


@functools.cache
def shared() -> Zygotes:
    """Return the zygotes of this process."""
    zygotes = Zygotes()
    atexit.register(zygotes.close)
    return zygotes
