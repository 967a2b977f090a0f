"""`modelmount --version`, as a package's command and from a clone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelmount import __version__
from modelmount.__main__ import main


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"modelmount {__version__}\n"


def test_a_clone_tells_it_too(root: Path, tmp_path: Path) -> None:
    """`bin/modelmount` finds the environment beside it, wherever it is called from."""
    clone = tmp_path / "clone"
    shutil.copytree(root / "bin", clone / "bin")
    (clone / "modelmount").symlink_to(root / "modelmount")
    (clone / ".venv").symlink_to(sys.prefix)
    command = [str(clone / "bin" / "modelmount"), "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"modelmount {__version__}\n"
