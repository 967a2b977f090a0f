"""Compares a requirements file with the packages of the running interpreter."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement

from local.errors import AssemblyError

_HASHES = re.compile(r"\s--hash=\S+")


def check_requirements(text: str, name: str) -> None:
    """Raises AssemblyError if the running interpreter doesn't meet a requirements file."""
    wrong: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        if wanted := _HASHES.sub("", line).partition("#")[0].strip():
            wrong.extend(_unmet(wanted, name))
    if wrong:
        raise AssemblyError(
            f"{name} is not what this interpreter has: {'; '.join(wrong)}. "
            "Install it into the environment that runs the local system"
        )


def _unmet(line: str, name: str) -> Iterator[str]:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise AssemblyError(f"{name}: {line!r} can't be checked: {error}") from error
    if requirement.marker and not requirement.marker.evaluate():
        return
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        yield f"{requirement} is missing"
        return
    if not requirement.specifier.contains(installed, prereleases=True):
        yield f"{requirement} is wanted, {installed} is installed"
