"""A machine with a real NFS server and its clients, where this one can run it."""

import subprocess
from pathlib import Path

import pytest

from tests.nfs.machine import CANNOT, SCRIPT, CannotRun, Machine


@pytest.fixture(scope="session")
def packages(root: Path) -> Path:
    """Debian's packages, fetched and unpacked once."""
    target = root / ".nfs"
    done = subprocess.run([SCRIPT, target], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == CANNOT:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="session")
def machine(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    machine = Machine(packages, tmp_path_factory.mktemp("nfs"))
    try:
        machine.run("cost", seconds=120)
    except CannotRun as error:
        pytest.skip(f"User-mode Linux doesn't start on this machine: {error}")
    return machine
