"""A Linux of its own, which runs as a process: server and clients of NFS without privileges."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests/nfs/packages.sh"
CANNOT = 3  # its status where this machine can't
FOUND = "found: "
DISK_BYTES = 4 * 1024**3
MEMORY = "1024M"


class CannotRun(Exception):
    """This machine can't run another Linux; the text says why."""


class Machine:
    """Runs experiments of `tests/nfs/guest`, each on a machine that is new."""

    def __init__(self, packages: Path, folder: Path) -> None:
        self._root = packages / "root"
        self._folder = folder

    def run(self, experiment: str, *arguments: str, options: str = "", seconds: float) -> Any:
        """Run an experiment and return what it found.

        Args:
            options: of the clients' mounts, besides those of EFS.
            seconds: after which the machine is ended.

        Raises:
            CannotRun: the machine doesn't start.
            AssertionError: the experiment failed; the text is its output.
        """
        self._make_disk()
        python = Path(sys.executable)
        command = [
            *(str(self._root / "usr/bin/linux.uml"), f"mem={MEMORY}", "root=/dev/root"),
            *("rootfstype=hostfs", "rootflags=/", "ro", "quiet", "con=null", "con0=null,fd:1"),
            *(f"ubd0={self._folder / 'disk'}", f"init={python}", *self._environment()),
            *(f"EXPERIMENT={experiment}", f"ARGUMENTS={','.join(arguments)}"),
            *(f"OPTIONS={options}", "--", "-m", "tests.nfs.guest.boot"),
        ]
        output = self._output(command, seconds)
        found = [line for line in output.splitlines() if line.startswith(FOUND)]
        if not found:
            began = "Linux version" in output or "Traceback" in output
            raise (AssertionError if began else CannotRun)(output[-4000:])
        return json.loads(found[-1].removeprefix(FOUND))

    def _make_disk(self) -> None:
        disk = self._folder / "disk"
        disk.unlink(missing_ok=True)
        with disk.open("wb") as file:
            file.truncate(DISK_BYTES)
        environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        command = ["mkfs.ext4", "-q", "-F", "-E", "root_owner=0:0", str(disk)]
        subprocess.run(command, check=True, env=environment)

    def _environment(self) -> Iterator[str]:
        """Yield what the guest's first process finds in its environment."""
        libraries = (self._root / "lib/x86_64-linux-gnu", self._root / "usr/lib/x86_64-linux-gnu")
        yield f"LD_LIBRARY_PATH={os.pathsep.join(map(str, libraries))}"
        yield f"PACKAGES={self._root}"
        yield f"PYTHONPATH={ROOT}{os.pathsep}{ROOT / 'lambdas'}"
        yield "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
        yield "PYTHONDONTWRITEBYTECODE=1"
        yield "PYTHONUNBUFFERED=1"
        yield "TMPDIR=/run"

    def _output(self, command: list[str], seconds: float) -> str:
        """Run the machine and return what it says; none of its processes outlives this."""
        with subprocess.Popen(
            command,
            cwd=self._folder,
            env={**os.environ, "TMPDIR": str(self._folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as running:
            try:
                return running.communicate(timeout=seconds)[0]
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
