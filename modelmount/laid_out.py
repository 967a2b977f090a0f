"""A model as SageMaker would lay it out in /opt/ml/model, from what there is of it."""

import contextlib
import gzip
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from modelmount.container import UnusableModel

ARCHIVES = (".tar.gz", ".tgz")
SCRIPT = "code/inference.py"
DAMAGED = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


@contextlib.contextmanager
def laid_out(source: Path, script: Path | None = None) -> Iterator[Path]:
    """Give a model's folder: the one that is there, or a temporary one around a file.

    Args:
        source: a folder, a model's file, a script, or an archive.
        script: goes beside a model's file, as `code/inference.py`.

    Raises:
        UnusableModel: none of these is there, or an archive is damaged or leads out of its folder.
    """
    if not source.exists():
        raise UnusableModel(f"{source} isn't there.")
    if source.is_dir():
        if script is not None:
            raise UnusableModel(f"A folder has its own script: copy {script} to {source / SCRIPT}.")
        yield source
        return
    if script is not None and source.name.endswith((*ARCHIVES, ".py")):
        raise UnusableModel(f"--script goes beside a model's file, and {source} is none.")
    with tempfile.TemporaryDirectory(prefix="modelmount-") as name:
        folder = Path(name)
        if source.name.endswith(ARCHIVES):
            _unpack(source, folder)
        elif source.suffix == ".py":
            _place(source, folder / SCRIPT)
        else:
            _place(source, folder / source.name)
        if script is not None:
            _place(script, folder / SCRIPT)
        yield folder


def _place(source: Path, target: Path) -> None:
    if not source.is_file():
        raise UnusableModel(f"{source} is no file.")
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(source.resolve(), target)  # a copy of gigabytes would take its time
    except OSError:
        shutil.copyfile(source, target)


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive, "r:gz") as file:
            file.extractall(folder, filter="data")
    except tarfile.FilterError as error:
        raise UnusableModel(f"{archive} would be refused: {error}. Pack it anew.") from error
    except DAMAGED as error:
        raise UnusableModel(f"{archive} is no whole tar.gz archive: {error}") from error
