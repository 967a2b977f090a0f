"""Uploads on their way in: one folder each, under a name nobody can guess."""

import contextlib
import shutil
import time
import uuid
from pathlib import Path

from serving.errors import RecordError
from serving.manifest import Description
from serving.repository import files

DESCRIPTION = "description.json"
FILES = "files"
MAX_DESCRIPTION_BYTES = 16 * 1024 * 1024
SWEEP_AFTER_SECONDS = 24 * 3600.0


class Candidates:
    """The folder `candidates/`.

    In a candidate's folder `files/` holds what was uploaded, which becomes the version's folder,
    and `description.json` what the preparer found out.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self) -> str:
        """Make an empty candidate and return its id."""
        candidate = uuid.uuid4().hex
        (self._root / candidate / FILES).mkdir(parents=True)
        return candidate

    def files(self, candidate: str) -> Path:
        """Return the folder of what was uploaded; raises as `folder` does."""
        return self.folder(candidate) / FILES

    def compiled(self, candidate: str) -> Path:
        """Return where the preparer leaves the compiled form; the name is the version's file."""
        return self.folder(candidate) / f".compiled-{candidate[:12]}.safetensors"

    def folder(self, candidate: str) -> Path:
        """Return the candidate's folder.

        Raises:
            RecordError: the id isn't one that `create` gives, so it can't lead elsewhere.
        """
        if len(candidate) != 32 or not set(candidate) <= set("0123456789abcdef"):
            raise RecordError(f"{candidate!r:.80} is not a candidate's id")
        return self._root / candidate

    def describe(self, candidate: str, description: Description) -> None:
        """Leave the preparer's findings beside the files."""
        files.write_record(self.folder(candidate) / DESCRIPTION, description)

    def description(self, candidate: str) -> Description:
        """Read the preparer's findings, which model code may have tampered with.

        Raises:
            RecordError: there are none, or they aren't of the right shape.
        """
        path = self.folder(candidate) / DESCRIPTION
        if path.is_symlink() or not path.is_file():
            raise RecordError("the candidate has no description")
        if path.stat().st_size > MAX_DESCRIPTION_BYTES:
            raise RecordError("the candidate's description is too large")
        description = files.read_record(path, Description)
        if description is None:
            raise RecordError("the candidate has no description")
        return description

    def adopt_compiled(self, candidate: str, description: Description) -> str | None:
        """Put the compiled form beside the files, and return its name; None where there is none.

        Raises:
            RecordError: it isn't what the preparer leaves.
        """
        compilation = description.compilation
        if compilation is None or compilation.file is None:
            return None
        left = self.compiled(candidate)
        adopted = self.files(candidate) / left.name
        if compilation.file != left.name:
            raise RecordError(f"the compiled form is called {compilation.file!r:.80}")
        if not left.is_symlink() and left.is_file():
            left.rename(adopted)
        if adopted.is_symlink() or not adopted.is_file():
            raise RecordError("the compiled form is missing")
        files.sync_file(adopted)
        return left.name

    def discard(self, candidate: str) -> None:
        """Delete the candidate, if it is still there."""
        shutil.rmtree(self.folder(candidate), ignore_errors=True)

    def sweep(self, older_than: float = SWEEP_AFTER_SECONDS) -> list[str]:
        """Delete what has lain untouched for so many seconds; return the ids."""
        deadline = time.time() - older_than
        stale = []
        for folder in self._root.iterdir() if self._root.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):
                if folder.lstat().st_mtime < deadline:
                    stale.append(folder.name)
                    _remove(folder)
        return stale


def _remove(path: Path) -> None:
    """Delete whatever it is: model code can leave a file or a link where a folder should be."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()
