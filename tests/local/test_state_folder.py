from pathlib import Path

import pytest

from local.errors import AlreadyRunning
from local.state_folder import StateFolder


def test_the_state_folder_has_one_holder(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    second = StateFolder(tmp_path / "state")
    already = pytest.raises(AlreadyRunning, match=r"already running \(pid \d+\)")
    with state.locked(), already, second.locked():
        pass
    with state.locked():
        assert (tmp_path / "state" / "lock").is_file()


def test_endpoints_last_as_long_as_the_run(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    with state.published({"api": "x"}):
        assert state.endpoints.read_text() == '{\n  "api": "x"\n}\n'
    assert not state.endpoints.exists()
