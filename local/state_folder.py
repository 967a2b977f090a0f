"""The folder that holds all that a run leaves behind, and the lock on it."""

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
        """Images, laid out."""
        return self.folder / "images"

    @property
    def logs(self) -> Path:
        """A log for each function, and for the S3 server."""
        return self.folder / "logs"

    @property
    def pycache(self) -> Path:
        """Compiled modules of all functions."""
        return self.folder / "pycache"

    @property
    def tmp(self) -> Path:
        """A /tmp for each execution environment."""
        return self.folder / "tmp"

    @property
    def s3(self) -> Path:
        """What the S3 server keeps over a restart."""
        return self.folder / "s3"

    @property
    def endpoints(self) -> Path:
        """Where to reach the running system; there only while it is ready."""
        return self.folder / "endpoints.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process; the kernel lets it go however the process ends."""
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
        """Announce the endpoints, atomically, for as long as the context lasts."""
        temporary = self.endpoints.with_suffix(".tmp")
        temporary.write_text(json.dumps(endpoints, indent=2) + "\n")
        temporary.replace(self.endpoints)
        try:
            yield
        finally:
            self.endpoints.unlink(missing_ok=True)
