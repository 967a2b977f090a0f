"""Environments of other library versions for tests, built once and kept in `.environments/`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# No more are built for tests. Each can be made with Python 3.11, and with 3.12 or 3.13 two.
TESTED = ("sklearn-1.3", "sklearn-1.6", "sklearn-1.8")
VARIABLE = "MODELMOUNT_ENVIRONMENTS"


def pytest_configure() -> None:
    """Hide what was built for other purposes: tests see what they ask for."""
    os.environ[VARIABLE] = os.devnull


@pytest.fixture(scope="session")
def environments(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a folder with the named environments, for the variable `MODELMOUNT_ENVIRONMENTS`."""

    def build(*names: str) -> Path:
        assert set(names) <= set(TESTED), f"tests build {', '.join(TESTED)} alone"
        built = root / ".environments"
        command = [sys.executable, "-m", "environment_builder", "--to", str(built)]
        done = subprocess.run(
            [*command, "--kernel", str(root / "kernel"), *names],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if "left out" in done.stdout:
            pytest.skip(done.stdout.strip())
        assert done.returncode == 0, done.stderr
        folder = tmp_path_factory.mktemp("environments")
        for name in names:
            (folder / name).symlink_to(built / name)
        return folder

    return build
