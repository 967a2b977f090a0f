"""The files of a candidate: verified against the upload, since model code could change them."""

import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from serving.errors import UploadRejected
from serving.records.manifest import MANIFEST, ModelFile
from serving.repository import files

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def verify(
    folder: Path,
    expected: Collection[ModelFile],
    *,
    made: Collection[str] = (),
    moved_to: Path | None = None,
) -> None:
    """Compare each file to the SHA-256 that was taken when it was copied.

    Args:
        made: names of files that the preparer made; there is no SHA-256 of them.
        moved_to: the folder to which an earlier try, which was killed, may have moved files.

    Raises:
        UploadRejected: another file or link is there, or one is missing or was changed.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise _tampered("The folder that was uploaded into is gone.")
    _refuse_others(folder, {*made, *(file.name for file in expected)})
    for file in expected:
        path = folder / file.name
        if moved_to is not None and not path.exists():
            path = moved_to / file.name
        if not path.is_file():
            raise _tampered(f"Loading the model took {file.name!r:.80} away.")
        if _sha256(path) != file.sha256:
            raise _tampered(f"Loading the model changed {file.name!r:.80}.")
    for name in made:
        if not (folder / name).is_file() and not (moved_to and (moved_to / name).is_file()):
            raise _tampered(f"The compiled form {name!r:.80} is missing.")


def share(folder: Path, names: Collection[str]) -> None:
    """Let inference read these files and their folders: model code may have taken that away."""
    for name in {*names, *_folders(names)}:
        files.share(folder / name)


def move(folder: Path, target: Path, wanted: Collection[str], held: Collection[str]) -> None:
    """Move the wanted files that a version's folder doesn't hold into it, durably.

    Readers don't see them before the manifest names them. Files that an earlier try for another
    list left there are deleted first, since one could lie where a folder has to be.
    """
    _purge(target, {*wanted, *held})
    for name in set(wanted) - set(held):
        # An earlier try may have moved it. A file that one for another list moved is replaced.
        if (folder / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).replace(target / name)
    for name in _folders(wanted):
        files.sync_folder(target / name)


def _refuse_others(folder: Path, expected: Collection[str]) -> None:
    """Refuse everything but the expected regular files and their folders."""
    names, folders = {MANIFEST, *expected}, _folders(expected)
    for path in _all_in(folder):
        name = path.relative_to(folder).as_posix()
        is_folder, is_file = path.is_dir() and name in folders, path.is_file() and name in names
        if path.is_symlink() or not (is_folder or is_file):
            raise _tampered(f"Loading the model left {name!r:.80} there, which wasn't uploaded.")


def _purge(folder: Path, wanted: Collection[str]) -> None:
    kept = {MANIFEST, *wanted}
    for path in list(_all_in(folder)):
        if not path.is_dir() and path.relative_to(folder).as_posix() not in kept:
            path.unlink()
    for path in sorted(_all_in(folder), reverse=True):  # a folder comes after its contents
        if path.is_dir() and path.relative_to(folder).as_posix() not in _folders(wanted):
            path.rmdir()


def _folders(wanted: Collection[str]) -> set[str]:
    return {str(above) for name in wanted for above in PurePosixPath(name).parents}


def _all_in(folder: Path) -> Iterator[Path]:
    """Yield every path in the folder; `rglob` would pass over those that it fails to read."""
    for path in folder.iterdir():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _all_in(path)


def _sha256(path: Path) -> str:
    with open(os.open(path, READ), "rb") as file:  # noqa: PTH123 (a path can't refuse links)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tampered(text: str) -> UploadRejected:
    return UploadRejected("CANDIDATE_TAMPERED", text)
