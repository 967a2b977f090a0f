"""Models of several environments: one parent of workers for each, and none is in another's way."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.cache import models
from benchmarks.workers import hostile, side_by_side
from environments import installed
from serving.cache import memory
from serving.errors import ModelUnavailable
from serving.service.service import Service
from tests.lambdas.workers.conftest import asker, service_of
from workers import zygotes
from workers.bounds import MIB, Bounds
from workers.failures import NotStarted
from workers.zygotes import Zygotes

NAMES = ("old", "older", "oldest")
ROW = [1.0, 1.0]


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make three environments; return the folder that holds them."""
    folder = tmp_path_factory.mktemp("environments")
    for name in NAMES:
        side_by_side.make(folder, name, hostile.UNGUARDED)
    return folder


@pytest.fixture(autouse=True)
def _installed(environments: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(installed.ROOT_VARIABLE, str(environments))


def publish(root: Path) -> None:
    """Publish two models in each of three environments, the hostile ones of which tell things."""
    for name in NAMES:
        hostile.publish(root, f"{name}-1", environment=name)
        hostile.publish(root, f"{name}-2", environment=name)


def test_workers_run_their_environments_python_and_share_its_one_parent(
    tmp_path: Path, environments: Path
) -> None:
    publish(tmp_path)
    ask = asker(service_of(tmp_path, Bounds(seconds=60)))
    told = {
        f"{name}-{n}": ask(f"{name}-{n}", "(sys.prefix, os.getppid())")
        for name in NAMES
        for n in (1, 2)
    }
    for name in NAMES:
        assert told[f"{name}-1"] == told[f"{name}-2"]
        assert str(environments / name) in str(told[f"{name}-1"])
    assert len({str(each) for each in told.values()}) == len(NAMES)


def test_a_worker_finds_nothing_of_this_process_libraries(tmp_path: Path) -> None:
    hostile.publish(tmp_path, "m", environment="old")
    ask = asker(service_of(tmp_path, Bounds(seconds=60)))
    (found,) = ask("m", "sys.path")
    assert str(Path(installed.__file__).parents[1]) in found
    assert str(Path(__file__).parents[3]) + "'" not in found


def test_a_version_whose_environment_is_gone_says_so_and_what_to_do(tmp_path: Path) -> None:
    hostile.numbers(tmp_path, "m", environment="sklearn-0.24")
    with pytest.raises(ModelUnavailable) as error:
        asker(service_of(tmp_path, Bounds()))("m", ROW)
    text = str(error.value)
    assert "Version 1 of 'm'" in text
    assert "'sklearn-0.24'" in text
    assert "old, older, oldest" in text
    assert "setting environments" in text


def test_a_compiled_form_serves_on_without_its_environment(tmp_path: Path) -> None:
    models.publish(tmp_path, "m", 1, 1000, 1.0, 2, environment="gone", max_rows=3)
    ask = asker(service_of(tmp_path, Bounds()))
    assert len(ask("m", ROW)) == 1
    assert len(ask("m", *[ROW] * 9)) == 9, "more rows than it answers faster"


def test_an_unused_parent_is_let_go_when_memory_is_short(
    tmp_path: Path, environments: Path
) -> None:
    publish(tmp_path)
    service = service_of(tmp_path, Bounds(seconds=60))
    ask = asker(service)
    ask("old-1", "1")
    ask("older-1", "1")
    old, older = (zygotes.shared().of(environments / n / "bin" / "python") for n in NAMES[:2])
    zygotes.shared().let_go(0.0)
    assert old.pid is not None, "it has a worker"
    service.unload("old-1")
    zygotes.shared().let_go(60.0)
    assert old.pid is not None, "it may be needed again"
    assert zygotes.shared().let_go(0.0)
    assert old.pid is None
    assert older.pid is not None
    assert ask("old-1", "1") == ["1"], "it is started again"


def test_an_unused_parent_makes_room_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path)
    zygotes.shared().close()
    monkeypatch.setattr(Zygotes.let_go, "__defaults__", (0.0,))
    begin = service_of(tmp_path, Bounds(seconds=60))
    asker(begin)("old-1", "1")
    begin.unload("old-1")
    used = Service(  # a limit that one parent fits into, and two don't
        begin._models, budget_bytes=2**30, limit_bytes=_used() + 40 * MIB, refresh_seconds=0
    )
    assert asker(used)("older-1", "1") == ["1"]
    assert len([z for z in zygotes.shared().all() if z.pid is not None]) == 1


def _used() -> int:
    return memory.resident_bytes() + zygotes.shared().all_bytes()


THREADED = """
import threading, time
threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
"""


def test_a_module_that_starts_a_thread_is_left_to_the_workers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "threads_here.py").write_text(THREADED)
    python = side_by_side.make(tmp_path, "threaded", str(tmp_path))
    found = Zygotes()
    deadline = time.monotonic() + 60
    try:
        first, pid, _ = found.fork(python, ("json",), deadline)
        second, _, _ = found.fork(python, ("json", "threads_here"), deadline)
        assert first is not second
        assert "threads_here starts a thread" in caplog.text
        assert first.pid is not None, "its worker stays"
        assert found.fork(python, ("threads_here",), deadline)[0] is second
        first.end(pid)
    finally:
        found.close()


def test_an_interpreter_that_does_not_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotStarted):
        Zygotes().fork(tmp_path / "python", (), time.monotonic() + 5)


SESSION = """
import json, sys
from pathlib import Path
sys.path.insert(0, "lambdas")
from inference.proxy import Handler
from inference.settings import InferenceSettings
root = Path(sys.argv[1])
handler = Handler.from_settings(InferenceSettings.from_env({
    "MODEL_DIR": str(root / "models"), "ALLOWED_ORIGINS": "", "PRELOAD": "old",
    "REFRESH_SECONDS": "0", "LOG_LEVEL": "INFO", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
    "PREDICT_SECONDS": "20", "FALL_BACK": "off", "CAPTURE_PERCENT": "0", "CAPTURE_REDACT": "[]",
    "CAPTURE_MAX_BYTES": "100"}))
def ask(method, path, body=""):
    event = {"httpMethod": method, "path": path, "headers": {}, "body": body}
    return handler(event, None)
codes = []
for name in sys.argv[2:]:
    row = ["good"] if name.startswith("text") else [[1.0, 1.0]]
    body = json.dumps({"model": name, "instances": row})
    codes.append(ask("POST", "/inference", body)["statusCode"])
    ask("POST", "/inference", json.dumps({"model": name, "instances": [["x"]]}))
    ask("GET", f"/models/{name}")
    ask("GET", f"/models/{name}/openapi.json")
    codes.append(ask("POST", f"/v2/models/{name}/infer", json.dumps({"inputs": [
        {"name": "x", "datatype": "FP64", "shape": [1, 2], "data": [1.0, 1.0]}]}))["statusCode"])
ask("GET", "/models")
files = {line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}
print(json.dumps([codes, sorted(sys.modules), sorted(files)]))
"""
FRAMEWORKS = (
    *("sklearn", "scipy", "pandas", "xgboost", "lightgbm", "catboost", "onnxruntime", "joblib"),
    *("skops", "imblearn", "category_encoders", "torch", "tensorflow", "statsmodels"),
)


@pytest.mark.slow
def test_the_process_that_asks_has_no_framework_of_any_environment_at_the_end(
    tmp_path: Path, environments: Path
) -> None:
    for name in ("default", *NAMES):
        hostile.numbers(tmp_path, name, environment=name)
        hostile.publish(tmp_path, f"text-{name}", "pass", environment=name)
    done = subprocess.run(  # its end is looked at below
        [sys.executable, "-c", SESSION, str(tmp_path), *NAMES, "default", "text-old"],
        env={
            "PATH": "/usr/bin:/bin",
            installed.ROOT_VARIABLE: str(environments),
            "PYTHONPATH": hostile.UNGUARDED,
        },
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    codes, modules, paths = json.loads(done.stdout.splitlines()[-1])
    assert codes[:8] == [200] * 8
    assert not {module.partition(".")[0] for module in modules} & set(FRAMEWORKS)
    assert not [path for path in paths if any(f"/{each}" in path for each in FRAMEWORKS)]
    assert not [path for path in paths if str(environments) in path]
