"""What a client of a network file system asks the server, as far as a local disk can show it.

`tests/nfs` has the same on a real client.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serving.records.uploads import Selection
from serving.repository import files, reading
from serving.repository.repository import Repository
from tests.lambdas.serving.repository import uploads

Opened = list[str]


@pytest.fixture
def opened(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """The folders of the repository that are opened from now on, in order."""
    uploads.publish(repository, "1", 1)
    found: Opened = []
    scan = os.scandir

    def noting(path: Any) -> Any:
        found.append(str(path).partition("/models")[2])
        return scan(path)

    monkeypatch.setattr(os, "scandir", noting)
    return found


def test_the_link_is_read_in_a_folder_that_was_just_opened(
    repository: Repository, opened: Opened
) -> None:
    assert repository.models.resolve("iris").manifest.version == "1"
    assert opened == ["/iris", "/iris/versions"]


def test_whether_a_model_is_there_is_asked_of_the_folder_above(
    repository: Repository, opened: Opened
) -> None:
    assert repository.models.current("rose") is None
    assert "" in opened  # `models` itself


def test_behind_the_lock_a_writer_asks_for_every_folder(
    repository: Repository, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = files.locked

    def noting(path: Path) -> Any:
        opened.append("locked")
        return locked(path)

    monkeypatch.setattr(files, "locked", noting)
    repository.operations.unpin("iris")
    asked = opened[opened.index("locked") + 1 :]
    names = ("", "/versions", "/pending", "/rejected", "/waiting", "/withdrawn")
    assert asked[0] == "/iris"
    assert {f"/iris{name}" for name in names} <= set(asked)


def replaced(path: Path, times: int) -> Callable[[Path], bytes]:
    """Return a stand-in for reading a file that other machines replace so many times."""
    read, left = Path.read_bytes, [times]

    def stale(self: Path) -> bytes:
        if self == path and left[0]:
            left[0] -= 1
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return read(self)

    return stale


def test_a_record_that_was_replaced_meanwhile_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "selection.json"
    files.write_record(path, Selection("1"), tmp_path)
    monkeypatch.setattr(Path, "read_bytes", replaced(path, 2))
    assert reading.read_record(path, Selection) == Selection("1")


def test_a_file_system_that_fails_again_and_again_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "selection.json"
    monkeypatch.setattr(Path, "read_bytes", replaced(path, 9))
    with pytest.raises(OSError, match="Stale"):
        reading.read_record(path, Selection)
