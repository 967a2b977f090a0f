"""Chooses the files of a folder that go into an archive, and their names there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modelmount.container import UnusableModel

MAX_DEPTH = 16
CACHE = "__pycache__"
GB = 1000**3


@dataclass(frozen=True, slots=True)
class Member:
    """A file, its name in the archive, and its size in bytes."""

    name: str
    path: Path
    size: int


def members(folder: Path, *, max_gb: float, dereference: bool = False) -> list[Member]:
    """List the files of a folder by name; what is hidden, and Python's caches, are left out.

    Links are packed as the files that they lead to.

    Args:
        max_gb: of all files together.
        dereference: take links that leave the folder, too.

    Raises:
        UnusableModel: a link leaves the folder or leads nowhere, there is something that is no
            file, or too much of it.
    """
    found = sorted(_walk(folder, folder.resolve(), dereference), key=lambda member: member.name)
    size = sum(member.size for member in found)
    if size > max_gb * GB:
        largest = max(found, key=lambda member: member.size)
        raise UnusableModel(
            f"The files have {size / GB:.1f} GB together, and at most {max_gb:g} are taken. The "
            f"largest is {largest.name} ({largest.size / GB:.1f} GB). Leave out what isn't needed, "
            "or raise --max-gb and give the endpoint's instances a larger volume."
        )
    return found


def _walk(folder: Path, root: Path, dereference: bool, above: str = "") -> Iterator[Member]:
    if above.count("/") >= MAX_DEPTH:
        raise UnusableModel(f"{above} lies more than {MAX_DEPTH} folders deep. Is there a loop?")
    for path in folder.iterdir():
        name = above + path.name
        if path.name.startswith(".") or path.name == CACHE:
            continue
        if path.is_symlink():
            _check_link(path, name, root, dereference)
        if path.is_dir():
            yield from _walk(path, root, dereference, f"{name}/")
        elif path.is_file():
            yield Member(name, path, path.stat().st_size)
        else:
            raise UnusableModel(f"{name} is neither a file nor a folder. Take it out.")


def _check_link(path: Path, name: str, root: Path, dereference: bool) -> None:
    target = path.readlink()
    if not path.exists():
        raise UnusableModel(f"{name} is a link to {target}, which isn't there.")
    if dereference:
        return
    if target.is_absolute() or not path.resolve().is_relative_to(root):
        raise UnusableModel(
            f"{name} is a link to {target}, which wouldn't be there on another machine. Copy the "
            "file in its place, or add --dereference to pack what links lead to."
        )
