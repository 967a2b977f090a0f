"""A share of the processors, as Lambda gives it by memory: a control group with a quota."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
# One virtual processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MB_OF_A_PROCESSOR = 1769
# Which period Lambda takes isn't documented. A quota is used up and waited for in each.
PERIOD_US = 20_000


class NoControlGroup(Exception):
    """This machine lets nobody make one; the text says why."""


@contextlib.contextmanager
def limited(memory_mb: int) -> Iterator[Path]:
    """Make a group with the share of so much memory; yield the file that takes process ids.

    Raises:
        NoControlGroup: none can be made.
    """
    quota = round(PERIOD_US * memory_mb / MB_OF_A_PROCESSOR)
    version_1 = ROOT / "cpu"
    folder = (version_1 if version_1.is_dir() else ROOT) / f"modelmount-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        raise NoControlGroup(f"No control group can be made: {error}") from error
    try:
        _set_quota(folder, quota)
        yield folder / "cgroup.procs"
    finally:
        folder.rmdir()


def _set_quota(folder: Path, quota: int) -> None:
    try:
        if (folder / "cpu.cfs_quota_us").exists():
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (folder / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    except OSError as error:
        raise NoControlGroup(f"The control group takes no quota: {error}") from error
