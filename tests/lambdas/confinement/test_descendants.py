"""Whatever a confined process leaves behind has ended with it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from confinement import descendants
from confinement.child import run_confined
from confinement.limits import Limits

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have no subreaper"),
]

# Each ends up in a session of its own, without a parent of ours.
WAYS = {
    "a child": "pass",
    "a daemon": "os.setsid()",
    "a double fork": "os.setsid()\n    if os.fork(): os._exit(0)",
    "a chain of forks": (
        "for _ in range(8):\n        os.setsid()\n        if os.fork(): os._exit(0)"
    ),
    "one that closed everything": "os.setsid()\n    os.closerange(0, 64)",
    "one that ignores signals": (
        "os.setsid()\n    for each in (1, 2, 15): signal.signal(each, signal.SIG_IGN)"
    ),
}
CODE = """
import os, signal, time
if os.fork() == 0:
    {way}
    open(os.environ["HOME"] + "/" + str(os.getpid()), "w").close()
    time.sleep(60)
    os._exit(0)
while not os.listdir(os.environ["HOME"]):
    time.sleep(0.01)
{ending}
"""


def run(home: Path, code: str, seconds: float = 20) -> int | None:
    limits = Limits(2**30, writable=(home,), processes=32)
    return run_confined(["-c", code], limits, home=home, seconds=seconds).exit_code


def still_there(home: Path) -> list[str]:
    return [path.name for path in home.iterdir() if Path("/proc", path.name).exists()]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_outlives_the_process(tmp_path: Path, way: str) -> None:
    assert run(tmp_path, CODE.format(way=WAYS[way], ending="")) == 0
    assert len(list(tmp_path.iterdir())) == 1
    assert not still_there(tmp_path)


@pytest.mark.parametrize("way", ["a daemon", "a double fork"])
def test_nothing_outlives_its_time(tmp_path: Path, way: str) -> None:
    assert run(tmp_path, CODE.format(way=WAYS[way], ending="time.sleep(60)"), seconds=2) is None
    assert len(list(tmp_path.iterdir())) == 1
    assert not still_there(tmp_path)


def test_nothing_outlives_a_crash(tmp_path: Path) -> None:
    ending = "os.kill(os.getpid(), signal.SIGSEGV)"
    assert run(tmp_path, CODE.format(way=WAYS["a double fork"], ending=ending)) == -11
    assert not still_there(tmp_path)


def test_a_parent_ends_what_it_adopted_and_keeps_what_it_wants(tmp_path: Path) -> None:
    code = """
import os, subprocess, sys, time
from pathlib import Path
from confinement.descendants import descendants, end_descendants
from confinement.protection import protect
protect()
sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
kept = subprocess.Popen(sleeper)
daemon = "import os, time; os.setsid(); os.fork() and os._exit(0); time.sleep(60)"
subprocess.run([sys.executable, "-c", daemon])
before = len(list(descendants(os.getpid())))
ended = end_descendants(keep=[kept.pid])
after = list(descendants(os.getpid()))
print(before, ended, after == [kept.pid])
kept.kill()
"""
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment()
    )
    assert found.stdout.split() == ["2", "1", "True"]


def test_what_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descendants, "descendants", lambda *_: [2**22 + 1])
    monkeypatch.setattr(descendants, "_has_children", lambda: True)
    with pytest.raises(descendants.DescendantsLeft, match="1 processes didn't end"):
        descendants.end_descendants(seconds=0.01)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_fork_bomb_ends(tmp_path: Path) -> None:
    code = """
import os, time
end = time.monotonic() + 1
for _ in range(7):  # 128 processes, since everybody forks
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        time.sleep(0.01)
while time.monotonic() < end:
    time.sleep(0.01)
"""
    started = time.monotonic()
    limits = Limits(2**30, writable=(tmp_path,), processes=8)
    run_confined(
        ["-c", f"import resource; resource.setrlimit(resource.RLIMIT_CPU, (5, 5))\n{code}"],
        limits,
        home=tmp_path,
        seconds=10,
    )
    assert time.monotonic() - started < 30
