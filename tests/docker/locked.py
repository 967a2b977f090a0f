"""Lock files, as `make lock` writes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

DOCKER = Path(__file__).parents[2] / "docker"
# What the targets of the Dockerfile install.
LAMBDA = ("requirements.txt", "requirements-no-deps.txt")
SAGEMAKER = (
    *LAMBDA,
    "requirements-container.txt",
    "requirements-generation.txt",
    "requirements-torch.txt",
)


@dataclass(frozen=True)
class Locked:
    """A package: its one version, and the SHA-256 of each of its files."""

    name: str
    version: str
    hashes: frozenset[str]


def lines(path: Path) -> list[str]:
    """Return the requirements of a file as they stand there, without remarks."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def locked(path: Path) -> Iterator[Locked]:
    """Read a lock file."""
    for line in lines(path):
        requirement, *hashes = re.split(r"\s+--hash=sha256:", line)
        found = Requirement(requirement)
        (pin,) = found.specifier
        assert pin.operator == "==", line
        yield Locked(found.name, pin.version, frozenset(hashes))
