"""Environments that stand side by side: other interpreters, with the libraries of this one."""

import json
import platform
import site
import sysconfig
import venv
from pathlib import Path

from environments.installed import RECORD


def make(root: Path, name: str, *paths: str) -> Path:
    """Make an environment of that name, which also finds what lies in `paths`; return its Python.

    It takes a tenth of a second: nothing is installed.
    """
    folder = root / name
    venv.EnvBuilder(symlinks=True).create(folder)
    version = f"python{sysconfig.get_python_version()}"
    own = folder / "lib" / version / "site-packages"
    (own / "libraries.pth").write_text("\n".join([*paths, *site.getsitepackages()]) + "\n")
    record = {"name": name, "python_version": platform.python_version(), "packages": {}}
    (folder / RECORD).write_text(json.dumps(record))
    return folder / "bin" / "python"
