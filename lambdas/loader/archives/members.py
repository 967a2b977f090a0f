"""The rules for members of an archive: their names, their places and their number."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from serving.errors import UploadRejected
from serving.records.manifest import MANIFEST
from serving.records.naming import folded

MAX_MEMBERS = 10_000
MAX_DEPTH = 16
MAX_PATH_BYTES = 1024
MAX_NAME_BYTES = 255  # what file systems take
CHUNK_BYTES = 1024 * 1024
DRIVE = re.compile("[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive, under the name that it has there.

    Attributes:
        chunks: the content, to be read before the next entry is; None for a folder.
    """

    name: str
    chunks: Iterator[bytes] | None


def bad_archive(why: str) -> UploadRejected:
    """Return the refusal of a whole archive."""
    return UploadRejected("BAD_ARCHIVE", f"The archive {why}. Nothing of it was taken.")


def bad_member(name: str, why: str) -> UploadRejected:
    """Return the refusal of an archive for one of its members."""
    return bad_archive(f"has a member {name!r:.200} that {why}")


class MemberPaths:
    """Turns names of members into paths below a folder, no two of which are the same."""

    def __init__(self) -> None:
        self._members = 0
        self._taken: dict[str, tuple[str, bool]] = {}

    def path(self, member: Member) -> str:
        """Return the member's relative path, with '/'; it is empty for the top folder itself.

        Raises:
            UploadRejected: the path isn't allowed, or there are too many members.
        """
        fault = _fault(member)
        if fault:
            raise bad_member(member.name, fault)
        parts = _parts(member.name)
        for depth in range(1, len(parts) + 1):
            is_folder = depth < len(parts) or member.chunks is None
            self._take("/".join(parts[:depth]), is_folder, member)
        self._members += 1
        if max(self._members, len(self._taken)) > MAX_MEMBERS:
            raise bad_member(member.name, f"is one too many: at most {MAX_MEMBERS} are taken")
        return "/".join(parts)

    def folders(self) -> list[str]:
        """Return the folders of all paths so far."""
        return [path for path, is_folder in self._taken.values() if is_folder]

    def _take(self, path: str, is_folder: bool, member: Member) -> None:
        key = folded(path)
        if key not in self._taken:
            self._taken[key] = (path, is_folder)
        elif not is_folder or self._taken[key] != (path, True):
            there, _ = self._taken[key]
            raise bad_member(member.name, f"would lie where {there!r:.200} does")


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _fault(member: Member) -> str | None:
    """Return the fault of the name alone, or None."""
    name, parts = member.name, _parts(member.name)
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "has a name that isn't UTF-8"
    is_file = member.chunks is not None
    faults = {
        "has an absolute path": name.startswith("/") or DRIVE.match(name),
        "leads out of the folder": ".." in parts,
        "has a backslash in its name": "\\" in name,
        "has a control character in its name": any(unicodedata.category(c) == "Cc" for c in name),
        "is a file without a file's name": is_file and (not parts or name.endswith(("/", "/."))),
        f"has a path of more than {MAX_PATH_BYTES} bytes": size > MAX_PATH_BYTES,
        f"lies more than {MAX_DEPTH} folders deep": len(parts) > MAX_DEPTH,
        f"has a name of more than {MAX_NAME_BYTES} bytes": any(
            len(part.encode()) > MAX_NAME_BYTES for part in parts
        ),
        "has a name that is reserved": bool(parts) and parts[0].casefold() == MANIFEST,
    }
    return next((text for text, found in faults.items() if found), None)
