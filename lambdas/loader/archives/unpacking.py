"""Unpacks an archive: every member is checked before a byte of it is written.

The archive is taken to be hostile. Owners, permissions and times are not taken over.
"""

import gzip
import hashlib
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from loader.archives import tar_reader, zip_reader
from loader.archives.members import Member, MemberPaths, bad_archive, bad_member
from loader.transfer.object_copy import FULL
from loader.transfer.tree import Tree, new_file
from serving.errors import UploadRejected
from serving.formats import pieces
from serving.formats.file_names import FORMATS
from serving.records.manifest import ModelFile

# A model that is nearly all zeros packs well; an archive of nothing but zeros packs 1:1000.
MAX_RATIO = 200
ALWAYS_ALLOWED_BYTES = 16 * 1024 * 1024
DAMAGED = (tarfile.HeaderError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)
LISTED_AT_MOST = 10
# The script of script mode, below the model's folder.
SCRIPT = "code/inference.py"


def unpack(archive: Path, folder: Path, max_bytes: int) -> list[ModelFile]:
    """Unpack into an empty folder, durably; return its files, with the file to load first.

    After any error the folder is gone.

    Raises:
        UploadRejected: the archive is damaged, has a member that isn't allowed, has more than
            `max_bytes` in all, or holds no model.
    """
    try:
        with _Unpacking(archive, folder, max_bytes) as unpacking:
            return _model_first(unpacking.run(), folder)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in FULL:
            raise no_space(archive.name, error) from error
        raise


def no_space(name: str, error: OSError) -> UploadRejected:
    """Return the refusal of a packed file that doesn't fit."""
    return UploadRejected(
        "NO_SPACE",
        f"{name!r} doesn't fit on the file system when unpacked ({error.strerror}). "
        "Make room, then upload it again.",
    )


class _Unpacking:
    """One archive on its way into one folder."""

    def __init__(self, archive: Path, folder: Path, max_bytes: int) -> None:
        reader = zip_reader if archive.suffix.lower() == ".zip" else tar_reader
        self._members = reader.read(archive)
        self._max_bytes = max_bytes
        self._max_unpacked = max(ALWAYS_ALLOWED_BYTES, MAX_RATIO * archive.stat().st_size)
        self._paths = MemberPaths()
        self._bytes = 0
        self._tree = Tree(folder)

    def __enter__(self) -> "_Unpacking":
        return self

    def __exit__(self, *raised: object) -> None:
        self._members.close()
        self._tree.close()

    def run(self) -> list[ModelFile]:
        files, place = [], "at its start"
        try:
            for member in self._members:
                place = f"at its member {member.name!r:.200}"
                path = self._paths.path(member)
                if member.chunks is not None:
                    files.append(self._write(path, member, member.chunks))
                place = f"after its member {member.name!r:.200}"
        except DAMAGED as error:
            raise bad_archive(f"is damaged or cut off {place}: {error}") from error
        self._tree.sync(PurePosixPath(path) for path in self._paths.folders())
        return files

    def _write(self, path: str, member: Member, chunks: Iterator[bytes]) -> ModelFile:
        place = PurePosixPath(path)
        digest, size = hashlib.sha256(), 0
        with (
            self._tree.folder(place.parent) as folder,
            new_file(place.name, folder) as descriptor,
            open(descriptor, "wb", closefd=False) as file,
        ):
            for chunk in chunks:
                self._spend(len(chunk), member)
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(descriptor)
        return ModelFile(path, size, digest.hexdigest())

    def _spend(self, size: int, member: Member) -> None:
        self._bytes += size
        if self._bytes > self._max_bytes:
            limit = f"{self._max_bytes} bytes in all (setting max_model_bytes)"
            raise bad_member(member.name, f"takes it over {limit}")
        if self._bytes > self._max_unpacked:
            raise bad_member(member.name, f"takes it over {MAX_RATIO} times its packed size")


def _model_first(files: list[ModelFile], folder: Path) -> list[ModelFile]:
    """Put the model file first; several can be one model, which is seen when they are loaded."""
    by_name = {file.name: file for file in files}
    chosen = pieces.together(by_name, lambda name: pieces.holds_model(folder / name))
    if len(chosen) != 1:
        # A script loads whatever files it likes.
        chosen = [name for name in by_name if name.endswith(SCRIPT)][:1] or chosen
    is_one = len(chosen) == 1 or (
        0 < len(chosen) <= pieces.MOST_PIECES
        and sum(pieces.is_native(folder / name) for name in chosen) < 2
    )
    if not is_one:
        raise UploadRejected(
            "NO_MODEL_IN_ARCHIVE",
            f"An archive must hold one model file ({', '.join(FORMATS)}), at the top or as the "
            f"only one of all its folders, or at most {pieces.MOST_PIECES} that are one model "
            f"together. This one holds {_listed([by_name[name] for name in chosen] or files)}.",
        )
    main = by_name[chosen[0]]
    return [main, *(file for file in files if file is not main)]


def _listed(files: list[ModelFile]) -> str:
    names = [f"{file.name!r:.100}" for file in files[:LISTED_AT_MOST]]
    more = len(files) - len(names)
    return ", ".join([*names, *([f"{more} more"] if more else [])]) or "no file"
