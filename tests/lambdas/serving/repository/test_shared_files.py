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
from serving.records.verdicts import Prepared
from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository
from tests.lambdas.prepared import prepared
from tests.lambdas.serving.repository.uploads import publish, source, stage

LOADER, READER, PREPARER = 1001, 1002, 1003
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


def test_only_their_owner_lists_candidates(tmp_path: Path) -> None:
    repository = Repository.laid_out(tmp_path / "export")
    publish(repository, "1", 1)
    again = Repository.laid_out(tmp_path / "export")

    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "export").iterdir()}
    assert modes == {"candidates": 0o710, "models": 0o750}
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


# Another user may not be able to read Python's own files: all is imported before.
AS_USER = """
import os, sys
from pathlib import Path
import serving.records.object_keys
from serving.repository.candidates import Candidates
from serving.repository.repository import Repository
from tests.lambdas.serving.repository.uploads import DESCRIPTION, source, stage
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[2]))
root = Path(sys.argv[3])
"""
STAGE = """
repository = Repository.laid_out(root)
os.umask(0o077)
print(*(stage(repository, name, source(int(name))).candidate for name in "12"))
"""
DISCARD = "Candidates(root / 'candidates').discard(sys.argv[4])"
PREPARE = """
os.umask(0o077)
candidates, own, root = Candidates(root / "candidates"), sys.argv[4], root / "candidates"
def refused(do):
    try:
        do()
    except OSError:
        return
    raise SystemExit("this isn't refused")
refused(lambda: list(root.iterdir()))
model = candidates.files(own) / "model.joblib"
assert model.read_bytes() == b"abc"
refused(lambda: model.write_bytes(b"changed"))
refused(lambda: model.unlink())
refused(lambda: (candidates.files(own) / "more").touch())
refused(lambda: candidates.files(own).rename(candidates.folder(own) / "moved"))
refused(lambda: candidates.files(own).chmod(0o777))
refused(lambda: root.chmod(0o777))
refused(lambda: (root / "new").mkdir())
with candidates.workplace(own) as folder:
    made = folder / "made"
    made.write_bytes(b"compiled")
    sha256 = candidates.take_compiled(own, made, 99)
result = candidates.describe(own, DESCRIPTION, sha256)
print(result.description_sha256, result.compiled_sha256)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
@pytest.mark.parametrize("killed", [False, True])
def test_the_preparer_leaves_its_result_and_changes_nothing_else(killed: bool) -> None:
    """As on AWS, where the preparer is a user of its own, in the group of the loader."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        os.chown(root, LOADER, LOADER)
        one, _ = _as_user(LOADER, STAGE, root).split()
        candidates = root / "candidates"
        (candidates / one / "description.json").unlink()
        description, compiled = _as_user(PREPARER, PREPARE, root, one).split()
        assert prepared(Repository(root), one) == Prepared(description, compiled)
        if killed:
            (candidates / one / "made-x").mkdir()
            os.chown(candidates / one / "made-x", PREPARER, LOADER)
            (candidates / one / "made-x").chmod(0o770)
        _as_user(LOADER, DISCARD, root, one)
        assert not (candidates / one).exists()


def _as_user(user: int, code: str, root: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", AS_USER + code, str(LOADER), str(user), str(root), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    ).stdout
