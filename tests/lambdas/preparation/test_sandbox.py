import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.environment import Environment
from preparation.sandbox import ChildFailed, run_child

LARGE = 8 * 2**30
LAMBDAS = Path(__file__).resolve().parents[3] / "lambdas"


def run(code: str, *, seconds: float = 20, memory_bytes: int = LARGE) -> bytes:
    prelude = "from preparation.sandbox import report\n"
    return run_child(["-c", prelude + code], seconds=seconds, memory_bytes=memory_bytes)


def test_the_child_reports_and_what_it_prints_is_not_its_report() -> None:
    assert run("print('noise', flush=True); report(b'found')") == b"found"


def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    seen = run("import os; report(repr(sorted(os.environ)).encode())").decode()
    assert "AWS" not in seen
    assert "HOME" in seen


def test_a_crash_is_told_by_its_signal() -> None:
    with pytest.raises(ChildFailed, match="SIGSEGV"):
        run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")


def test_an_exit_is_told_with_the_last_words() -> None:
    with pytest.raises(ChildFailed, match="exit code 3: last words"):
        run("import sys; print('last words', flush=True); sys.exit(3)")


def test_memory_is_bounded() -> None:
    with pytest.raises(ChildFailed, match="MemoryError"):
        run("b'x' * (600 * 2**20)", memory_bytes=300 * 2**20)


def test_time_is_bounded() -> None:
    with pytest.raises(ChildFailed, match="longer than 1 s"):
        run("import time; time.sleep(600)", seconds=1)


def test_the_child_starts_no_process() -> None:
    code = """
import subprocess
try:
    subprocess.run(["true"])
except OSError as error:
    report(type(error).__name__.encode())
"""
    assert run(code) == b"PermissionError"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_the_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    child = (
        "import os, pathlib, time;"
        f"pathlib.Path({str(told)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    code = "import sys; from preparation.sandbox import run_child;"
    code += "from pathlib import Path;"
    code += f"run_child(['-c', {child!r}], seconds=60, memory_bytes={LARGE}, "
    code += f"writable=[Path({str(tmp_path)!r})])"
    environment = {**os.environ, "PYTHONPATH": str(LAMBDAS)}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment)
    try:
        until(lambda: told.exists() and told.read_text())
        assert is_alive(told.read_text())
    finally:
        parent.kill()
        parent.wait()
    until(lambda: not is_alive(told.read_text()))


def is_alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not look():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.02)


def test_the_child_of_an_environment_has_that_ones_libraries_and_none_of_ours(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "bare"
    venv.create(folder, symlinks=True)
    bare = Environment("bare", folder / "bin" / "python", "3.11.2", {})
    code = """
import importlib.util, sys
from preparation.sandbox import report
report(f"{sys.prefix} {importlib.util.find_spec('numpy')}".encode())
"""
    found = run_child(["-c", code], seconds=20, memory_bytes=LARGE, environment=bare)
    assert found.decode() == f"{folder} None"
