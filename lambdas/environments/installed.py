"""Reads which environments are installed.

Each lies in a folder of its own below one root: a virtual environment, and beside its `bin/` a
record `environment.json` that the build wrote:

    {"name": "sklearn-1.5", "python_version": "3.13.1", "packages": {"scikit-learn": "1.5.2", …}}

The root is read once by each process: an image doesn't change while it runs.
"""

import functools
import os
import sys
from pathlib import Path

from environments.environment import DEFAULT, Environment, normalized

ROOT_VARIABLE = "MODELMOUNT_ENVIRONMENTS"
ROOT = Path("/opt/environments")
RECORD = "environment.json"


def root() -> Path:
    """Return the folder that holds the environments."""
    return Path(os.environ.get(ROOT_VARIABLE, ROOT))


@functools.cache
def own() -> Environment:
    """Return the environment in which this process runs."""
    import platform  # noqa: PLC0415 (a cold start does without)
    from importlib.metadata import distributions  # noqa: PLC0415 (likewise)

    packages = {normalized(found.name): found.version for found in distributions()}
    return Environment(DEFAULT, Path(sys.executable), platform.python_version(), packages)


@functools.cache
def others(folder: Path) -> tuple[Environment, ...]:
    """Return the environments below a folder, by name. One without a record isn't whole."""
    return tuple(_read(record.parent) for record in sorted(folder.glob(f"*/{RECORD}")))


def installed() -> tuple[Environment, ...]:
    """Return all environments, the deployment's own first."""
    return own(), *others(root())


def named(name: str) -> Environment | None:
    """Return the environment of that name, or None."""
    if name == DEFAULT:
        return own()
    return next((found for found in others(root()) if found.name == name), None)


def interpreter(name: str) -> Path | None:
    """Return the path of an environment's Python, or None where it isn't installed.

    The packages of the process's own environment aren't listed for that, which takes a while.
    """
    if name == DEFAULT:
        return Path(sys.executable)
    found = named(name)
    return None if found is None else found.python


def _read(folder: Path) -> Environment:
    import json  # noqa: PLC0415 (likewise)

    record = json.loads((folder / RECORD).read_bytes())
    packages = dict(record["packages"])
    return Environment(
        record["name"], folder / "bin" / "python", record["python_version"], packages
    )
