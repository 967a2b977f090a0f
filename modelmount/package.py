"""Packing a model for SageMaker: `model.tar.gz`, with its checksum beside it."""

import contextlib
import gzip
import hashlib
import os
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from modelmount import container
from modelmount.container import UnusableModel
from modelmount.laid_out import ARCHIVES, laid_out
from modelmount.members import Member, members

# Weights hardly shrink, and the highest levels take ten times as long for a few percent.
LEVEL = 1
REQUIREMENTS = "code/requirements.txt"
# What an endpoint's instances have room for unless told otherwise:
# https://docs.aws.amazon.com/sagemaker/latest/dg/large-model-inference-hosting.html
MAX_GB = 30.0
TOLD = {
    "script": "script mode, by code/inference.py",
    "text": "text generation",
    "version": "a published version, with its compiled form",
    "model": "a model",
}


def package(
    source: Path,
    target: Path,
    *,
    script: Path | None = None,
    max_gb: float = MAX_GB,
    dereference: bool = False,
) -> Iterator[str]:
    """Check and pack a model; yield lines about it. The same files give the same bytes.

    Raises:
        UnusableModel: the container couldn't serve it, or `target` can't be written there.
    """
    _check_target(source, target)
    with laid_out(source, script) as folder:
        found = members(folder, max_gb=max_gb, dereference=dereference)
        kind = container.check(folder)
        with _progress() as progress:
            digest = write(found, target, progress)
    checksum = target.with_name(f"{target.name}.sha256")
    checksum.write_text(f"{digest}  {target.name}\n", "utf-8")
    unpacked = sum(member.size for member in found)
    files = "1 file" if len(found) == 1 else f"{len(found)} files"
    packed = decimal(target.stat().st_size)
    yield f"{target}: {TOLD[kind]}; {files}, {decimal(unpacked)}, packed {packed}"
    yield f"{checksum}: {digest}"
    if any(member.name == REQUIREMENTS for member in found):
        yield f"{REQUIREMENTS} is installed where MODELMOUNT_ALLOW_INSTALL is true, and not else."


def write(found: Sequence[Member], target: Path, progress: Progress) -> str:
    """Write an archive in one step; return its SHA-256 in hexadecimal."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        with partial.open("wb") as file:
            hashing = _Hashing(file)
            _pack(found, hashing, progress)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return hashing.digest.hexdigest()


def _pack(found: Sequence[Member], file: "_Hashing", progress: Progress) -> None:
    task = progress.add_task("packing", total=sum(member.size for member in found))
    with (
        # No name and no time: they would make another archive of the same files.
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for member in found:
            info = tarfile.TarInfo(member.name)
            info.size, info.mode = member.size, 0o644
            with (
                member.path.open("rb") as content,
                progress.wrap_file(content, task_id=task) as read,
            ):
                archive.addfile(info, read)


class _Hashing:
    """Writes to a file, and hashes what is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on a terminal, and nothing elsewhere."""
    console = Console(stderr=True)
    bar = Progress(
        BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console, transient=True,
        disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        yield bar


def _check_target(source: Path, target: Path) -> None:
    if source.is_file() and source.name.endswith(ARCHIVES):
        raise UnusableModel(f"{source} is packed. Try it with: modelmount serve-local {source}")
    if not target.name.endswith(ARCHIVES):
        raise UnusableModel(f"{target}: the name of an archive ends in {' or '.join(ARCHIVES)}.")
    if not target.parent.is_dir():
        raise UnusableModel(f"There is no folder {target.parent}.")
    if source.is_dir() and target.resolve().is_relative_to(source.resolve()):
        raise UnusableModel(
            f"{target} lies in the folder that it is made of, and would be packed the next time. "
            "Say with --output where else to write it."
        )
