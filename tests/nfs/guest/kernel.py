"""System calls of Linux that Python's library doesn't have."""

import ctypes
import os
from pathlib import Path

MS_BIND = 4096
MS_PRIVATE_RECURSIVE = (1 << 18) | 16384
CLONE_NEWNS = 0x20000
POWER_OFF = 0x4321FEDC
FINIT_MODULE = 313  # on x86_64

_libc = ctypes.CDLL(None, use_errno=True)
_loaded: set[str] = set()


def mount(source: str | Path, target: Path, kind: str, flags: int = 0, data: str = "") -> None:
    """Mount a file system; raises `OSError`."""
    texts = (os.fsencode(source), os.fsencode(target), kind.encode())
    _check(_libc.mount(*texts, flags, data.encode()), str(target))


def unshare_mounts() -> None:
    """Give this process mounts of its own."""
    _check(_libc.unshare(CLONE_NEWNS), "unshare")
    mount("none", Path("/"), "none", MS_PRIVATE_RECURSIVE)


def load_module(packages: Path, name: str) -> None:
    """Load a module of the kernel, and those that it needs."""
    (index,) = packages.glob("usr/lib/uml/modules/*/modules.dep")
    lines = (line.partition(":") for line in index.read_text().splitlines())
    needs = {module: needed.split() for module, _, needed in lines}
    (wanted,) = (module for module in needs if Path(module).name == f"{name}.ko")
    for module in (*reversed(needs[wanted]), wanted):
        if module not in _loaded:
            _loaded.add(module)
            with (index.parent / module).open("rb") as file:
                _check(_libc.syscall(FINIT_MODULE, file.fileno(), b"", 0), module)


def power_off() -> None:
    """End the machine."""
    os.sync()
    _libc.reboot(POWER_OFF)


def _check(status: int, what: str) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
