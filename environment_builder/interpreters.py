"""Finds the Pythons that a machine has."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from environment_builder.definition import Definition
from environment_builder.errors import BuildError, NoPython


def uv() -> str:
    """Return the path of uv, which is beside this Python or on the path.

    Raises:
        BuildError: it is nowhere.
    """
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise BuildError("uv installs environments and isn't here: pip install uv")
    return found


def choose(definition: Definition) -> Path:
    """Return the first Python that an environment is for and that is here.

    Raises:
        NoPython: there is none.
    """
    for version in definition.pythons:
        if python := find(version):
            return python
    wanted = " or ".join(definition.pythons)
    raise NoPython(
        f"{definition.name} needs Python {wanted}, which isn't here. "
        f"One line installs it: uv python install {definition.pythons[0]}"
    )


@functools.cache
def find(version: str) -> Path | None:
    """Return a Python of a minor version: of the path, of uv or of pyenv."""
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return Path(os.path.realpath(sys.executable))
    command = (uv(), "python", "find", "--no-python-downloads", "--no-project", "--system", version)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return Path(done.stdout.strip())
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return max(pyenv.glob(f"versions/{version}.*/bin/python"), default=None, key=_patch)


def _patch(python: Path) -> tuple[int, ...]:
    version = python.parents[1].name
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
