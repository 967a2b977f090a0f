"""Who can read what the loader writes: inference is another user of the same group."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.errors import ModelNotFound
from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository
from tests.lambdas.prepared import prepared
from tests.lambdas.serving.repository.uploads import publish, source, stage

LOADER, READER = 1001, 1002
READ = """
import os, sys
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[2]))
def refuse(error): raise error
for folder, _, files in os.walk(sys.argv[3], onerror=refuse):
    assert not os.access(folder, os.W_OK), folder
    for name in files:
        if name != ".lock":
            assert open(os.path.join(folder, name), "rb").read(), name
            assert not os.access(os.path.join(folder, name), os.W_OK), name
"""


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """A umask that leaves everything to the owner."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def _modes(root: Path) -> Iterator[tuple[Path, int]]:
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink() and path.name != ".lock":
            yield path, stat.S_IMODE(path.stat().st_mode)


def test_the_group_reads_all_that_is_published(repository: Repository, tmp_path: Path) -> None:
    assert publish(repository, "1", 1) == "activated"
    repository.reject("iris", "2", "LOAD_FAILED", "It is broken.", source(2))
    repository.refuse("a/b/c/d", "BAD_KEY", "Too deep.")

    for path, mode in _modes(tmp_path / "models"):
        wanted = 0o050 if path.is_dir() else 0o040
        assert mode & 0o070 == wanted, f"{path} has {mode:o}"


def test_what_model_code_took_away_is_given_back(repository: Repository, tmp_path: Path) -> None:
    pending = stage(repository, "1", source(1))
    files = repository.candidates.files(pending.candidate)
    (files / "model.joblib").chmod(0o600)
    files.chmod(0o700)

    repository.publish("iris", "1", pending.candidate, 5, prepared(repository, pending.candidate))

    version = tmp_path / "models" / "iris" / "versions" / "1"
    assert version.stat().st_mode & 0o050 == 0o050
    assert (version / "model.joblib").stat().st_mode & 0o040


def test_candidates_are_their_owners_alone(tmp_path: Path) -> None:
    repository = Repository.laid_out(tmp_path / "export")
    publish(repository, "1", 1)
    again = Repository.laid_out(tmp_path / "export")

    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "export").iterdir()}
    assert modes == {"candidates": 0o700, "models": 0o750}
    assert again.models.current("iris") == "1"


def test_a_reader_finds_nothing_where_nothing_was_laid_out(tmp_path: Path) -> None:
    models = ModelReader(tmp_path / "models")

    assert models.names() == []
    assert models.refusals() == []
    with pytest.raises(ModelNotFound):
        models.resolve("iris")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """Yield a folder that other users can reach, as they can't reach those of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other users")
@pytest.mark.parametrize(("group", "reads"), [(LOADER, True), (READER, False)])
def test_another_user_reads_by_the_group_and_cannot_write(
    reachable: Path, group: int, reads: bool
) -> None:
    publish(Repository(reachable), "1", 1)
    for path in [reachable, *reachable.rglob("*")]:
        os.chown(path, LOADER, LOADER, follow_symlinks=False)
    reachable.chmod(0o750)

    done = subprocess.run(
        [sys.executable, "-c", READ, str(group), str(READER), str(reachable / "models")],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode == 0) is reads, done.stderr
