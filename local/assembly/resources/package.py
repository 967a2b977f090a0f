"""The two kinds of code package that a synthesized assembly stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ZipPackage:
    """A staged folder whose content is /var/task."""

    folder: Path


@dataclass(frozen=True)
class ImagePackage:
    """A staged build context of a container image."""

    digest: str
    context: Path
    dockerfile: str
    target: str | None
    build_args: Mapping[str, str]
