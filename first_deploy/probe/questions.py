"""What a probe asks where it runs. It is sent as text, so it imports the standard library alone."""

import contextlib
import ctypes
import importlib
import os
import platform
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any

CONNECT_SECONDS = 3.0
SYS_LANDLOCK_CREATE_RULESET = 444
LANDLOCK_CREATE_RULESET_VERSION = 1
CLONE_NEWUSER = 0x10000000
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38
SECCOMP_MODE_FILTER = 2
EFAULT = 14


def probe(arguments: dict[str, Any]) -> dict[str, Any]:
    """Answer each question that is asked, by its name."""
    return {name: QUESTIONS[name](value) for name, value in arguments.items()}


def write(folder: str) -> str:
    """Try to make a file; say what happened."""
    path = Path(folder) / f".probe-{os.getpid()}"
    try:
        path.touch()
    except OSError as error:
        return f"refused: {error.strerror}"
    path.unlink()
    return "written"


def enter(folder: str) -> str:
    """Try to list a folder."""
    try:
        return f"entered: {sorted(os.listdir(folder))[:5]}"  # noqa: PTH208 (text, for the answer)
    except OSError as error:
        return f"refused: {error.strerror}"


def reach(targets: list[list[Any]]) -> dict[str, str]:
    """Try to connect to hosts and ports."""
    return {f"{host}:{port}": _connect(host, port) for host, port in targets}


def _connect(host: str, port: int) -> str:
    try:
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS):
            return "connected"
    except OSError as error:
        return f"not reached: {error}"


def libraries(names: list[str]) -> dict[str, str]:
    """Import libraries; say their versions, or why not."""
    found = {}
    for name in names:
        try:
            found[name] = str(getattr(importlib.import_module(name), "__version__", "there"))
        except Exception as error:
            found[name] = f"not imported: {error}"
    return found


def machine(_: object) -> dict[str, Any]:
    """Describe the processor, the system and who we are there."""
    begun = time.process_time()
    sum(range(3_000_000))
    return {
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "libc": " ".join(platform.libc_ver()),
        "kernel": platform.release(),
        "processors": os.cpu_count(),
        "loop_seconds": round(time.process_time() - begun, 3),
        "uid": os.getuid(),
        "groups": sorted({os.getgid(), *os.getgroups()}),
        "shared_memory": write("/dev/shm"),  # noqa: S108 (whether it is there is the question)
    }


def confinement(_: object) -> dict[str, Any]:
    """Tell what the kernel offers to confine a child by; each is tried in a child."""
    return {
        "landlock_abi": _in_child(_landlock),
        "seccomp_filter": _in_child(_seccomp),
        "user_namespace": _in_child(_user_namespace),
        "not_dumpable": _in_child(_not_dumpable),
    }


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _landlock() -> str:
    version = _libc().syscall(
        SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_CREATE_RULESET_VERSION
    )
    return str(version) if version > 0 else f"no: {os.strerror(ctypes.get_errno())}"


def _seccomp() -> str:
    """Pass no filter: a kernel that takes filters then says that the address is bad."""
    _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, None)
    number = ctypes.get_errno()
    return "yes" if number == EFAULT else f"no: {os.strerror(number)}"


def _user_namespace() -> str:
    failed = _libc().unshare(CLONE_NEWUSER)
    return f"no: {os.strerror(ctypes.get_errno())}" if failed else "yes"


def _not_dumpable() -> str:
    failed = _libc().prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    return f"no: {os.strerror(ctypes.get_errno())}" if failed else "yes"


def _in_child(ask: Any) -> str:
    """Ask in a child, which what is tried can't harm us through."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.write(send, ask().encode())
        os._exit(0)
    os.close(send)
    _, status = os.waitpid(child, 0)
    told = os.read(receive, 1000).decode()
    os.close(receive)
    return told or f"the child ended with status {status}"


def mount_options(folder: str) -> str:
    """Return the options that a file system is mounted with, or why they aren't told."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split(" ")
        if place == folder:
            return f"{kind} {options}"
    return "not mounted"


def empty(folder: str) -> int:
    """Delete everything in a folder; return how many entries there were."""
    entries = list(Path(folder).iterdir())
    for entry in entries:
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    return len(entries)


QUESTIONS = {
    function.__name__: function
    for function in (
        write,
        enter,
        reach,
        libraries,
        machine,
        confinement,
        mount_options,
        empty,
    )
}

if __name__ == "__main__":
    print(probe(dict.fromkeys(sys.argv[1:], None)))
