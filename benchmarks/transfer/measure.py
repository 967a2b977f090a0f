"""One contestant, once, in a process of its own: seconds, and memory above the idle process.

Run as `python -m benchmarks.transfer.measure <endpoint> <target> <contestant>`; prints JSON.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.transfer import contestants


def memory(field: str) -> int:
    """Return a figure of this process in KiB: `VmRSS` now, `VmHWM` the most so far."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def main(endpoint: str, target: Path, name: str) -> None:
    """Measure it."""
    s3 = contestants.client(endpoint)
    contestants.source(s3)
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # VmHWM starts anew
    idle, begun, work = memory("VmRSS"), time.perf_counter(), time.process_time()
    digest = contestants.ALL[name](s3, target)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - work
    peak = memory("VmHWM")
    figures = {"seconds": seconds, "cpu_seconds": cpu, "digest": digest}
    print(json.dumps({**figures, "mib_above_idle": (peak - idle) / 1024, "mib": peak / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
