"""Runs the image's root file system by chroot, where a machine refuses containers."""

import contextlib
import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.image.emulator import LAYER, MOUNT, USER, Function, Running, command, free_address

# $1 root, $2 folder for /mnt/ml and $3 how, $4 code and $5 where to, $6 cgroup or
# nothing; then the command. In a mount namespace of its own: all of it is gone with the process.
ENTER = """
root=$1 folder=$2 mode=$3 code=$4 code_at=$5 cgroup=$6
shift 6
[ -z "$cgroup" ] || echo $$ > "$cgroup/cgroup.procs"
mount --bind "$root" "$root"
mount --bind "$folder" "$root/mnt/ml"
mount --bind "$code" "$root$code_at"
mount -t tmpfs -o size=512m,mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t proc proc "$root/proc"
mount -o remount,bind,"$mode" "$root/mnt/ml"
mount -o remount,bind,ro "$root$code_at"
mount -o remount,bind,ro "$root/dev"
mount -o remount,bind,ro "$root"
exec /usr/sbin/chroot --userspec="$USER_AND_GROUP" "$root" "$@"
"""
# Of versions 1 and 2: the folder, a file that shows it is there, and the file with the limit.
CGROUPS = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.limit_in_bytes"),
    (Path("/sys/fs/cgroup"), "cgroup.controllers", "memory.max"),
)


class Chroot:
    """A working copy of the image's files, entered once for each function."""

    name = "chroot"

    def __init__(self, image: str) -> None:
        self._container = _buildah("from", "--pull-never", image)
        self._root = Path(_buildah("mount", self._container))
        for folder in (MOUNT, LAYER):
            (self._root / folder[1:]).mkdir(parents=True, exist_ok=True)
        config = json.loads(_buildah("inspect", "--type", "image", image))["OCIv1"]["config"]
        self._environment = dict(variable.split("=", 1) for variable in config["Env"])
        with _memory(64) as cgroup:
            self.missing = frozenset({"network"} if cgroup else {"network", "memory"})

    def close(self) -> None:
        _buildah("rm", self._container)

    @contextlib.contextmanager
    def start(self, function: Function) -> Iterator[Running]:
        address = free_address()
        enter = [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "sh"),
            *(str(self._root), str(function.folder), "rw" if function.writable else "ro"),
            *(str(function.code or self._root / LAYER[1:]), function.code_at),
        ]
        run = ["env", "-C", "/var/task", *command(function.handler, address)]
        environment = {**self._environment, **function.variables, "USER_AND_GROUP": USER}
        with _memory(function.memory_mb) as cgroup:
            process = subprocess.Popen(
                [*enter, str(cgroup or ""), *run], env=environment, start_new_session=True
            )
            try:
                yield Running(address)
            finally:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextlib.contextmanager
def _memory(mebibytes: int) -> Iterator[Path | None]:
    """A control group with that much memory, or None where the machine lets none be made."""
    group = _group(mebibytes * 2**20)
    try:
        yield group
    finally:
        if group:
            _remove(group)


def _group(memory_bytes: int) -> Path | None:
    for parent, mark, limit in CGROUPS:
        group = parent / f"modelmount-{uuid.uuid4()}"
        if (parent / mark).exists():
            with contextlib.suppress(OSError):
                group.mkdir()
                (group / limit).write_text(str(memory_bytes))
                return group
            with contextlib.suppress(OSError):
                group.rmdir()
    return None


def _remove(group: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):  # killed processes take a moment to leave it
            return group.rmdir()
        time.sleep(0.02)
    raise TimeoutError(f"{group} still has processes")


def _buildah(*arguments: str) -> str:
    done = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
