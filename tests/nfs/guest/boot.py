"""The first process of the guest: starts the NFS server, mounts it, and runs one experiment.

The host says what it wants by environment variables, since the kernel adds to the arguments:
`EXPERIMENT` and its `ARGUMENTS`, the `OPTIONS` of the clients' mounts, and `PACKAGES`, the folder
of the unpacked packages.
"""

import importlib
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from tests.nfs.guest import kernel
from tests.nfs.guest.clients import mount_clients

EXPORT = Path("/media/export")
NFSD = Path("/proc/fs/nfsd")
SILENT: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
# Neither the repository nor Python may lie below one of them.
SCRATCH = ("/run", "/var/lib", "/media")


def main() -> None:
    """Run the experiment; what it says leaves through the standard output."""
    packages = Path(os.environ["PACKAGES"])
    _mount_system()
    _start_server(packages)
    mount_clients(packages, os.environ["OPTIONS"])
    module = importlib.import_module(f"tests.nfs.guest.{os.environ['EXPERIMENT']}")
    module.main(*filter(None, os.environ["ARGUMENTS"].split(",")))


def _mount_system() -> None:
    """Mount what every Linux has, and scratch folders: the root is the host's, read-only."""
    kernel.mount("proc", Path("/proc"), "proc")
    kernel.mount("sysfs", Path("/sys"), "sysfs")
    for folder in SCRATCH:
        kernel.mount("tmpfs", Path(folder), "tmpfs")
    EXPORT.mkdir()
    kernel.mount("/dev/ubda", EXPORT, "ext4")


def _start_server(packages: Path) -> None:
    """Serve the disk by NFSv4.1. There are no delegations, as EFS grants none."""
    for module in ("nfsd", "nfsv4", "sch_netem"):
        kernel.load_module(packages, module)
    state = Path("/var/lib/nfs")
    for folder in ("rpc_pipefs", "v4recovery"):
        (state / folder).mkdir(parents=True)
    for name in ("etab", "rmtab"):
        (state / name).touch()
    kernel.mount("nfsd", NFSD, "nfsd")
    kernel.mount("rpc_pipefs", state / "rpc_pipefs", "rpc_pipefs")
    Path("/proc/sys/fs/leases-enable").write_text("0")
    run("ip", "link", "set", "lo", "up")
    tools = packages / "usr/sbin"
    _start(packages / "sbin/rpcbind", "-w", "-f")
    time.sleep(0.5)
    shared = "rw,no_subtree_check,fsid=0,insecure,no_root_squash,sync"
    # It complains where there is no /etc/exports; what counts is what it wrote.
    subprocess.run([tools / "exportfs", "-o", shared, f"*:{EXPORT}"], check=False, **SILENT)
    if str(EXPORT) not in (state / "etab").read_text():
        raise RuntimeError("exportfs exported nothing")
    (NFSD / "max_block_size").write_text(str(1024 * 1024))  # as EFS has it
    run(tools / "rpc.nfsd", "-N", "3", "-V", "4.1", "4")
    _start(tools / "rpc.mountd", "-F", "-N", "3")
    time.sleep(0.5)
    (NFSD / "v4_end_grace").write_text("Y")


def run(*command: str | Path) -> None:
    """Run a command of the system; raises `subprocess.CalledProcessError` where it fails."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _start(*command: str | Path) -> None:
    subprocess.Popen(command, **SILENT)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc(file=sys.stdout)
    sys.stdout.flush()
    kernel.power_off()
