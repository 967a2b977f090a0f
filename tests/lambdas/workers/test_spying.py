"""What code in a worker can see and change: nothing of this process, of AWS, or of other models."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.workers import hostile
from confinement import landlock
from confinement.kernel import Unavailable
from modelmount_compiler.frameworks.program_model import ProgramModel
from tests.lambdas.workers.conftest import Ask, asker, service_of
from workers.bounds import Bounds
from workers.worker_model import ModelFault

SECRET = "for-this-process-alone"
ROW = [1.0, 1.0]


def has_landlock() -> bool:
    try:
        return landlock.version() > 0
    except (Unavailable, OSError):
        return False


needs_landlock = pytest.mark.skipif(not has_landlock(), reason="this kernel has no Landlock")


@pytest.fixture
def spy(root: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return asker(service_of(root, Bounds(seconds=30)))


@pytest.mark.parametrize("code", ["dict(os.environ)", "open('/proc/self/environ').read()"])
def test_a_worker_has_no_credentials(spy: Ask, code: str) -> None:
    told = str(spy("hostile", code))
    assert "PATH" in told
    assert SECRET not in told
    assert "AWS_SECRET" not in told


@pytest.mark.parametrize(
    "code",
    [
        "open('/proc/{pid}/environ').read()",
        "open('/proc/{pid}/maps').read()",
        "open('/proc/{pid}/mem', 'rb').read(1)",
        "open(f'/proc/{os.getppid()}/environ').read()",
        "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
        "os.kill({pid}, 0)",
        "os.kill(os.getppid(), 9)",
        "os.fork()",
        "1 / (os.system('true') == 0)",
        "__import__('subprocess').run(['true'])",
        "socket.create_connection(('127.0.0.1', 9), 1)",
        "socket.socket(socket.AF_UNIX)",
        "os.chmod('{root}', 0)",
    ],
)
def test_other_processes_and_the_network_are_out_of_reach(root: Path, spy: Ask, code: str) -> None:
    with pytest.raises(ModelFault, match=r"PermissionError|FileNotFoundError|ZeroDivision"):
        spy("hostile", code.replace("{root}", str(root)).replace("{pid}", str(os.getpid())))
    assert spy("honest", ROW) == [1]


@needs_landlock
@pytest.mark.parametrize(
    "code",
    [
        "open('{root}/models/honest/versions/1/m.pkl', 'rb').read(9)",
        "os.listdir('{root}/models')",
        "open('/etc/shadow').read()",
        "open('{root}/models/hostile/versions/1/new', 'w')",
        "open('/tmp/left-behind', 'w')",
    ],
)
def test_files_of_others_are_out_of_reach(root: Path, spy: Ask, code: str) -> None:
    with pytest.raises(ModelFault, match=r"PermissionError"):
        spy("hostile", code.replace("{root}", str(root)))


def test_its_own_version_can_be_read(root: Path, spy: Ask) -> None:
    own = root / "models" / "hostile" / "versions" / "1"
    assert "m.pkl" in spy("hostile", f"os.listdir({str(own)!r})")[0]


def test_only_its_own_connection_is_open(spy: Ask) -> None:
    told = spy("hostile", "sorted(int(n) for n in os.listdir('/proc/self/fd'))")[0]
    assert told == "[0, 1, 2, 3, 4]"  # the folder that is listed is the last


def test_what_it_changes_in_its_process_stays_there(spy: Ask) -> None:
    """It replaces every model's answers, and notes what they are asked."""
    before = ProgramModel.answer
    classes = ", ".join(
        f"__import__({module!r}, fromlist=['x']).{name}"
        for module, name in (
            ("modelmount_compiler.frameworks.program_model", "ProgramModel"),
            ("sklearn.linear_model", "LogisticRegression"),
        )
    )
    spy(
        "hostile",
        "globals().setdefault('seen', []) and 0 or [setattr(c, 'predict', lambda self, batch: "
        f"seen.append(batch) or [7] * len(batch)) for c in ({classes})]",
    )
    assert spy("honest", [4111.0, 1111.0]) == [1]
    assert spy("hostile", "seen") == ["[]"]
    assert ProgramModel.answer is before


def test_two_versions_share_nothing(root: Path, spy: Ask) -> None:
    hostile.publish(root, "other")
    spy("hostile", "globals().setdefault('mark', 1)")
    assert spy("other", "'mark' in globals()") == ["False"]
    pid = spy("hostile", "os.getpid()")[0]
    assert spy("other", "os.getpid()") != [pid]
    for name in ("mem", "environ", "maps"):
        with pytest.raises(ModelFault, match="PermissionError"):
            spy("other", f"open('/proc/{pid}/{name}', 'rb').read(1)")


@pytest.mark.slow
def test_the_process_that_asks_imports_no_framework(root: Path) -> None:
    """From the function's start to an original's answer."""
    code = f"""
import sys
from pathlib import Path
from inference.proxy import Handler
from inference.settings import InferenceSettings
handler = Handler.from_settings(
    InferenceSettings(Path({str(root / "models")!r}), ("*",), ("honest",), 1.0, "INFO", 2048)
)
body = '{{"model": "honest", "instances": [[1, 1]]}}'
event = {{"httpMethod": "POST", "path": "/inference", "headers": {{}}, "body": body}}
event["isBase64Encoded"] = False
print(handler(event, None)["statusCode"])
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[3] / "lambdas",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    status, modules = done.stdout.splitlines()[-2:]
    assert status == "200"
    loaded = set(modules.split())
    assert not {"sklearn", "scipy", "pandas", "joblib", "skops", "onnxruntime"} & loaded
    assert "workers.worker_model" in loaded
