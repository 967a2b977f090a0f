"""The memory of other processes, as /proc tells it to everybody."""

from pathlib import Path

KIB = 1024


def anonymous_bytes(pid: int) -> int:
    """Return a process's resident anonymous memory; 0 where there is no such process."""
    return _field(pid, "RssAnon:") + _field(pid, "RssShmem:")


def resident_bytes(pid: int) -> int:
    """Return a process's resident memory; 0 where there is no such process."""
    return _field(pid, "VmRSS:")


def data_bytes(pid: int) -> int:
    """Return the memory that counts for `RLIMIT_DATA`."""
    return _field(pid, "VmData:")


def _field(pid: int, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * KIB
    return 0  # a process that has ended, and isn't reaped yet
