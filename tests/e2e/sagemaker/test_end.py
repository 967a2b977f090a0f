"""No container outlives the local system, however that ends."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.launcher import running_system
from local.processes import descendants, parents
from tests.e2e.sagemaker.conftest import upload
from tests.e2e.sagemaker.requesting import ask, submit, until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_end_leaves_no_container(
    hosting: Path, packed: dict[str, Path], tmp_path: Path, number: int
) -> None:
    with running_system(hosting, tmp_path) as system, ThreadPoolExecutor(1) as threads:
        upload(system, packed)
        assert ask(system, "old", json=[1]).status_code == 200
        before = set(descendants(system.pid, parents()))
        # This one is being started then, and prepares its model in a process of its own.
        submit(system, "novels", json={"text": "a"})
        threads.submit(ask, system, "resnet", json=[[1, 1]])
        (state,) = tmp_path.glob("demo-*")
        until(lambda: list(state.glob("tmp/*-resnet/scratch/*.lock")))
        started = set(descendants(system.pid, parents()))
        assert started > before
        os.kill(system.pid, number)
        until(lambda: system.pid not in parents())
        until(lambda: not started & parents().keys())
