"""NFS clients that share no cache: each is a mount of its own, as of another machine."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.nfs.guest import kernel

COUNT = 4
COMMON = "vers=4.1,nosharecache,hard,timeo=600,retrans=2,noresvport,rsize=1048576,wsize=1048576"
HERE = Path("/media/here")  # the file system, as the client at hand sees it
EXPIRE = "expire\n"


def mount_clients(packages: Path, options: str) -> None:
    """Mount the server once for each client; this process is client 0."""
    HERE.mkdir()
    for number in range(COUNT):
        path(number).mkdir()
        wanted = f"{COMMON},{options}" if options else COMMON
        command: list[str | Path] = [
            packages / "sbin/mount.nfs4",
            "127.0.0.1:/",
            path(number),
            "-o",
            wanted,
        ]
        subprocess.run(command, check=True)
    become(0)


def path(number: int) -> Path:
    """Return where a client's mount lies for all to see."""
    return Path(f"/media/client{number}")


def become(number: int) -> None:
    """Let this process, and those it starts, see the file system as that client."""
    kernel.unshare_mounts()
    kernel.mount(path(number), HERE, "none", kernel.MS_BIND)


def in_client(number: int, task: Callable[[], Any]) -> Callable[[], Any]:
    """Return a task that becomes that client first."""

    def moved() -> Any:
        become(number)
        return task()

    return moved


def expire_leases() -> None:
    """Let the server forget its clients, as it does with one that was frozen for too long."""
    for client in Path("/proc/fs/nfsd/clients").iterdir():
        with contextlib.suppress(FileNotFoundError):
            (client / "ctl").write_text(EXPIRE)


def drop_caches() -> None:
    """Drop the pages that clients hold, as a system short of memory does."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def seconds_until(is_seen: Callable[[], bool], at_most: float) -> float:
    """Return how long it takes until something is seen, or `at_most`."""
    begun = time.monotonic()
    while not is_seen() and time.monotonic() - begun < at_most:
        time.sleep(0.25)
    return min(time.monotonic() - begun, at_most)
