"""Puts what several environments hold in common on disk once, by hard links.

Files are the same that have one path among their environments' packages, and one content. Byte code
is among them, since it is compiled without the environment's path.
"""

import filecmp
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def share(folder: Path, siblings: Iterable[Path]) -> None:
    """Replace the files of an environment by links to a sibling's where they are the same."""
    others = [packages for sibling in siblings for packages in site_packages(sibling)]
    for packages in site_packages(folder):
        for path in files(packages):
            _share_one(path, [other / path.relative_to(packages) for other in others])


def site_packages(folder: Path) -> list[Path]:
    """Return where an environment's packages are: one folder."""
    return sorted(folder.glob("lib/python3.*/site-packages"))


def files(folder: Path) -> Iterator[Path]:
    """Return all files below a folder that are no links to others by name."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if not (path := Path(parent, name)).is_symlink():
                yield path


def bytes_on_disk(folders: Iterable[Path]) -> int:
    """Return what folders hold together; what is linked counts once."""
    seen = {}
    for folder in folders:
        for path in files(folder):
            stat = path.stat()
            seen[stat.st_dev, stat.st_ino] = stat.st_size
    return sum(seen.values())


def _share_one(path: Path, same_path: list[Path]) -> None:
    stat = path.stat()
    for other in same_path:
        try:
            there = other.stat()
        except OSError:
            continue
        if (there.st_dev, there.st_ino) == (stat.st_dev, stat.st_ino):
            return
        alike = (there.st_size, there.st_mode) == (stat.st_size, stat.st_mode)
        if alike and there.st_dev == stat.st_dev and filecmp.cmp(path, other, shallow=False):
            _link(other, path)
            return


def _link(target: Path, path: Path) -> None:
    new = path.with_name(f"{path.name}.shared")
    os.link(target, new)
    new.replace(path)
