"""What `publish` finds when model code wrote into its own candidate."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.errors import UploadRejected
from serving.records.manifest import ModelFile
from serving.repository import contents
from serving.repository.repository import Repository
from tests.lambdas.prepared import prepared
from tests.lambdas.serving.repository.uploads import publish, source, stage

BYTES = {"model.joblib": b"model", "code/words.txt": b"words"}
FILES = [ModelFile(n, len(data), hashlib.sha256(data).hexdigest()) for n, data in BYTES.items()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in BYTES.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_bytes(data)
    return tmp_path / "files"


def test_what_is_as_it_was_copied_passes(folder: Path) -> None:
    contents.verify(folder, FILES)


def _link(folder: Path) -> None:
    (folder / "code" / "words.txt").rename(folder.parent / "words.txt")
    (folder / "code" / "words.txt").symlink_to(folder.parent / "words.txt")


def _link_folder(folder: Path) -> None:
    (folder / "code").rename(folder.parent / "code")
    (folder / "code").symlink_to(folder.parent / "code")


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (lambda folder: (folder / "model.joblib").write_bytes(b"modem"), "changed 'model.joblib'"),
        (lambda folder: (folder / "code/words.txt").write_bytes(b""), "changed 'code/words.txt'"),
        (lambda folder: (folder / "code/words.txt").unlink(), "took 'code/words.txt' away"),
        (lambda folder: (folder / "more.txt").touch(), "left 'more.txt'"),
        (lambda folder: (folder / "code/more").mkdir(), "left 'code/more'"),
        (lambda folder: os.mkfifo(folder / "pipe"), "left 'pipe'"),
        (_link, "left 'code/words.txt'"),
        (_link_folder, "left 'code'"),
    ],
)
def test_whatever_was_changed_is_told(
    folder: Path, tamper: Callable[[Path], object], told: str
) -> None:
    tamper(folder)
    with pytest.raises(UploadRejected, match=told) as refused:
        contents.verify(folder, FILES)
    assert refused.value.rejection_code == "CANDIDATE_TAMPERED"


def test_changed_bytes_are_not_published(repository: Repository) -> None:
    publish(repository, "1", 1)
    pending = stage(repository, "2", source(2), b"good")
    path = repository.candidates.files(pending.candidate) / "model.joblib"
    before = path.stat()
    path.write_bytes(b"evil")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(UploadRejected, match=r"changed 'model\.joblib'"):
        repository.publish(
            "iris", "2", pending.candidate, 5, prepared(repository, pending.candidate)
        )
    assert repository.models.current("iris") == "1"


def test_a_file_moved_by_an_earlier_try_is_held_against_its_digest_too(
    folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "version"
    target.mkdir()
    contents.move(folder, target, [file.name for file in FILES], held=[])
    contents.verify(folder, FILES, moved_to=target)
    (target / "model.joblib").write_bytes(b"other")
    with pytest.raises(UploadRejected, match=r"changed 'model\.joblib'"):
        contents.verify(folder, FILES, moved_to=target)
