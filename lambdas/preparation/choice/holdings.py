"""What an environment holds: its packages by import name, and versions by distribution."""

import functools
import sys
from collections.abc import Iterable
from pathlib import Path

from environments.environment import DEFAULT, Environment

# Names that PyPI has for builds of the same library.
ALSO = {"xgboost": ("xgboost-cpu", "xgboost"), "catboost": ("catboost", "catboost-dev")}
CODE = Path(__file__).parents[2]


def version(environment: Environment, distribution: str) -> str | None:
    """Return the version of a library that an environment has, or None."""
    names = ALSO.get(distribution, (distribution,))
    return next((found for name in names if (found := environment.version(name))), None)


def lacks(environment: Environment, modules: Iterable[str]) -> list[str]:
    """Return those of the packages that can't be imported there. Nothing is imported."""
    there = _importable(_folders(environment))
    return [name for name in modules if name not in there and name not in sys.stdlib_module_names]


def _folders(environment: Environment) -> tuple[Path, ...]:
    if environment.name == DEFAULT:
        return tuple(Path(each) for each in sys.path if each and Path(each) != CODE)
    return tuple(environment.python.parents[1].glob("lib*/python3*/site-packages"))


@functools.cache
def _importable(folders: tuple[Path, ...]) -> frozenset[str]:
    """Return the names of the packages and modules that lie in these folders."""
    found: set[str] = set()
    for folder in folders:
        for path in folder.glob("*"):
            is_package = path.suffix == "" and path.is_dir()
            if is_package or path.suffix in (".py", ".so"):
                found.add(path.name.partition(".")[0])
    return frozenset(found)
