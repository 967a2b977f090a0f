"""The files that Python, its libraries and the C library read wherever they run."""

import os
import sys
from pathlib import Path

# Programs' own folders, by the system or the image.
FOLDERS = ("/usr", "/lib", "/lib64", "/bin", "/opt", "/var/lang", "/var/runtime", "/var/task")
FILES = (
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/os-release", "/etc/nsswitch.conf"),
    *("/etc/passwd", "/etc/group", "/etc/mime.types"),
    # How large the machine is, and how much of it this process may use. Not all of /proc: the
    # environment and memory of others are there.
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg"),
    *("/proc/sys/vm", "/proc/sys/kernel/random", "/sys/devices/system"),
    *("/sys/bus/pci", "/sys/fs/cgroup"),
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
)
WRITABLE = ("/dev/null",)


def readable() -> list[Path]:
    """Return what a confined Python reads."""
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    own = (sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path, *libraries)
    return [Path(each) for each in dict.fromkeys((*FOLDERS, *FILES, *own)) if each]


def writable() -> list[Path]:
    """Return what it writes without keeping anything."""
    return [Path(each) for each in WRITABLE]
