"""The folder of everything that a run keeps, and the lock on it."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.errors import AlreadyRunning


@dataclass(frozen=True)
class StateFolder:
    """The layout of the state folder."""

    folder: Path

    @property
    def efs(self) -> Path:
        """File systems: one folder each."""
        return self.folder / "efs"

    @property
    def images(self) -> Path:
        """Container images, laid out as folders."""
        return self.folder / "images"

    @property
    def logs(self) -> Path:
        """Logs: one for each function and variant, and one for the S3 server."""
        return self.folder / "logs"

    @property
    def pycache(self) -> Path:
        """Byte code of all functions' modules."""
        return self.folder / "pycache"

    @property
    def tmp(self) -> Path:
        """The /tmp of each execution environment."""
        return self.folder / "tmp"

    @property
    def s3(self) -> Path:
        """The S3 server's buckets and queues."""
        return self.folder / "s3"

    @property
    def events(self) -> Path:
        """The events that functions haven't taken yet."""
        return self.folder / "events.db"

    @property
    def endpoints(self) -> Path:
        """The addresses of the running system; the file exists only while the system is ready."""
        return self.folder / "endpoints.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Locks the folder for this process. Raises AlreadyRunning.

        The kernel releases the lock however the process ends.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "lock"
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pid = path.read_text().strip() or "unknown"
                raise AlreadyRunning(
                    f"already running (pid {pid}) with the state folder {self.folder}"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            self.endpoints.unlink(missing_ok=True)
            yield

    @contextmanager
    def published(self, endpoints: Mapping[str, object]) -> Iterator[None]:
        """Writes the endpoints, atomically, and removes them when the context ends."""
        temporary = self.endpoints.with_suffix(".tmp")
        temporary.write_text(json.dumps(endpoints, indent=2) + "\n")
        temporary.replace(self.endpoints)
        try:
            yield
        finally:
            self.endpoints.unlink(missing_ok=True)
