"""Runs the image's root file system by chroot, where a machine refuses containers."""

import contextlib
import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.image.emulator import LAYER, MOUNT, USER, Function, Running, command, free_address
from tests.image.server import FILES, STOP_SECONDS, Server, Serving

# $1 root, $2 folder, $3 where to and $4 how, $5 code and $6 where to, $7 cgroup or
# nothing; then the command. In a mount namespace of its own: all of it is gone with the process.
ENTER = """
root=$1 folder=$2 folder_at=$3 mode=$4 code=$5 code_at=$6 cgroup=$7
shift 7
[ -z "$cgroup" ] || echo $$ > "$cgroup/cgroup.procs"
mount --bind "$root" "$root"
mount --bind "$folder" "$root$folder_at"
mount --bind "$code" "$root$code_at"
mount -t tmpfs -o size=512m,mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t proc proc "$root/proc"
mount -o remount,bind,"$mode" "$root$folder_at"
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
    """A working copy of the image's files, entered once for each function.

    Args:
        why: it is chroot, for reports.
    """

    def __init__(self, image: str, why: str) -> None:
        self.name = f"chroot, {why}"
        self._container = _buildah("from", "--pull-never", image)
        self._root = Path(_buildah("mount", self._container))
        for folder in (MOUNT, LAYER, FILES):
            (self._root / folder[1:]).mkdir(parents=True, exist_ok=True)
        config = json.loads(_buildah("inspect", "--type", "image", image))["OCIv1"]["config"]
        self._environment = dict(variable.split("=", 1) for variable in config["Env"])
        self._entrypoint: list[str] = config["Entrypoint"]
        with _memory(64) as cgroup:
            missing = {"network", "visible memory"}
            self.missing = frozenset(missing if cgroup else {*missing, "memory"})

    def close(self) -> None:
        _buildah("rm", self._container)

    @contextlib.contextmanager
    def start(self, function: Function) -> Iterator[Running]:
        address = free_address()
        mounts = (
            *(str(function.folder), MOUNT, "rw" if function.writable else "ro"),
            *(str(function.code or self._root / LAYER[1:]), function.code_at),
        )
        run = command(function.handler, address)
        variables = {**function.variables, "USER_AND_GROUP": function.user}
        with self._entered(mounts, variables, function.memory_mb, run):
            yield Running(address)

    @contextlib.contextmanager
    def serve(self, server: Server) -> Iterator[Serving]:
        address = free_address()
        mounts = (str(server.folder), FILES, "ro", str(self._root / LAYER[1:]), LAYER)
        variables = {**server.environment, "SAGEMAKER_BIND_TO_PORT": address.split(":")[1]}
        run = [*self._entrypoint, "serve"]
        with self._entered(mounts, variables, server.memory_mb, run) as process:
            yield Serving(address, lambda: _stop(process))

    @contextlib.contextmanager
    def _entered(
        self, mounts: Sequence[str], variables: Mapping[str, str], memory_mb: int, run: list[str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        enter = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "sh")
        environment = {**self._environment, "USER_AND_GROUP": USER, **variables}
        with _memory(memory_mb) as cgroup:
            arguments = (str(self._root), *mounts, str(cgroup or ""))
            process = subprocess.Popen(
                [*enter, *arguments, "env", "-C", "/var/task", *run],
                env=environment,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                if process.poll() is None:  # it may have been stopped
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _stop(process: subprocess.Popen[bytes]) -> int:
    """Signal the container's first process, which is the only child of the one that entered it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    os.kill(int(children.read_text()), signal.SIGTERM)
    return process.wait(STOP_SECONDS)


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
