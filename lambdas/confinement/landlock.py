"""Landlock: the kernel denies every file, TCP port and process that isn't named.

https://docs.kernel.org/userspace-api/landlock.html has the rights, by the version (ABI) of each.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from confinement.kernel import Unavailable, need_linux, system_call
from confinement.system_calls import own_number

VERSION_FLAG = 1
PATH_BENEATH = 1
# Rights on files and folders, in the order of their bits.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
# Removing and making entries of a folder; devices are among them.
REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
MAKE_DEVICES = 1 << 6 | 1 << 11
REFER, TRUNCATE, DEVICE_IOCTL = 1 << 13, 1 << 14, 1 << 15
LATEST = 6  # the youngest of these rights
OF_VERSION_1 = (1 << 13) - 1
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | (REMOVE_AND_MAKE & ~MAKE_DEVICES) | REFER | TRUNCATE
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_IOCTL
BIND_AND_CONNECT_TCP = 3
ABSTRACT_SOCKETS_AND_SIGNALS = 3


class _Ruleset(ctypes.Structure):
    """The kernel's `struct landlock_ruleset_attr`."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("files", "network", "scoped"))


class _Beneath(ctypes.Structure):
    """The kernel's `struct landlock_path_beneath_attr`."""

    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version that this kernel offers.

    Raises:
        Unavailable: it has none: Linux before 5.13, or a kernel without it.
    """
    need_linux()
    try:
        return system_call(own_number("landlock_create_ruleset"), 0, 0, VERSION_FLAG)
    except OSError as error:
        raise Unavailable(f"the kernel offers none: {error.strerror}") from error


def layers(offered: int) -> list[str]:
    """Return what a kernel of this version holds back, by name."""
    return [
        "landlock files",
        *(["landlock tcp"] if offered >= 4 else []),
        *(["landlock signals"] if offered >= 6 else []),
    ]


def restrict(
    readable: Iterable[Path],
    writable: Iterable[Path],
    *,
    programs: bool = False,
    network: bool = False,
) -> int:
    """Deny this thread all other files, and return the version; paths that are missing are left.

    Args:
        programs: whether readable files can be started as programs.
        network: whether TCP stays open.

    Raises:
        Unavailable: the kernel has no Landlock.
        OSError: the kernel refused.
    """
    offered = version()
    handled = _file_rights(offered)
    wanted = _Ruleset(
        handled,
        BIND_AND_CONNECT_TCP if offered >= 4 and not network else 0,
        ABSTRACT_SOCKETS_AND_SIGNALS if offered >= 6 else 0,
    )
    size = 8 * (1 if offered < 4 else 2 if offered < 6 else 3)
    ruleset = system_call(own_number("landlock_create_ruleset"), ctypes.byref(wanted), size, 0)
    try:
        _allow(ruleset, readable, (READ | EXECUTE if programs else READ) & handled)
        _allow(ruleset, writable, (WRITE | EXECUTE if programs else WRITE) & handled)
        system_call(own_number("landlock_restrict_self"), ruleset, 0)
    finally:
        os.close(ruleset)
    return offered


def _file_rights(offered: int) -> int:
    """Return the rights that a kernel of this version can deny."""
    rights = OF_VERSION_1
    for right, since in ((REFER, 2), (TRUNCATE, 3), (DEVICE_IOCTL, 5)):
        if offered >= since:
            rights |= right
    return rights


def _allow(ruleset: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # what isn't there, or can't be reached, needs no permission
        try:
            granted = rights if path.is_dir() else rights & ON_FILES
            rule = ctypes.byref(_Beneath(granted, opened))
            system_call(own_number("landlock_add_rule"), ruleset, PATH_BENEATH, rule, 0)
        finally:
            os.close(opened)
