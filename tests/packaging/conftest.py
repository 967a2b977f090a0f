"""Distributions built from a copy of the tree, and an environment that has nothing else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

UV = Path(sys.executable).with_name("uv")
# What a build or an installation leaves in the tree, and what is large.
IGNORED = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "node_modules")


@dataclass(frozen=True)
class Distributions:
    """The files that a release consists of."""

    wheel: Path
    source: Path


def uv(*arguments: object) -> None:
    """Run uv; it trusts whom this machine trusts, as in the Makefile."""
    command = [str(UV), *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**os.environ, "UV_SYSTEM_CERTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def distributions(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """Build the source distribution, and from it the wheel.

    The copy keeps `build/` out of the tree: setuptools would put files of it into later wheels.
    """
    folder = tmp_path_factory.mktemp("distributions")
    shutil.copytree(root, folder / "tree", ignore=IGNORED)
    uv("build", "--quiet", "--python", sys.executable, "--out-dir", folder, folder / "tree")
    (wheel,) = folder.glob("*.whl")
    (source,) = folder.glob("*.tar.gz")
    return Distributions(wheel, source)


@pytest.fixture(scope="session")
def installed(
    distributions: Distributions, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Return what runs the installed command, in a folder that holds nothing of the repository."""
    folder = tmp_path_factory.mktemp("installed")
    uv("venv", "--quiet", "--python", sys.executable, folder / "venv")
    uv("pip", "install", "--quiet", "--python", folder / "venv", distributions.wheel)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(folder / "venv" / "bin" / "modelmount"), *arguments]
        return subprocess.run(
            command, cwd=folder, env={}, capture_output=True, text=True, check=False
        )

    return run
