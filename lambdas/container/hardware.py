"""The memory, processors and GPUs that the container has."""

import os
from pathlib import Path

# The limit of the container, version 2 of cgroups and version 1:
# https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
GPUS = Path("/proc/driver/nvidia/gpus")
MIB = 1024 * 1024


def memory_mb() -> int:
    """Return the MiB that this container may use: its limit, or the machine's memory."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = (path.read_text(encoding="ascii").strip() for path in MEMORY_LIMITS if path.exists())
    return min([machine, *(int(limit) for limit in limits if limit.isdecimal())]) // MIB


def gpus() -> int:
    """Return the number of NVIDIA GPUs."""
    return len(list(GPUS.iterdir())) if GPUS.is_dir() else 0


def workers() -> int:
    """Return the best number of serving processes: one for each GPU, or else for each processor."""
    return gpus() or len(os.sched_getaffinity(0))
