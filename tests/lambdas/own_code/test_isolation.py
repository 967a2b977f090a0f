"""Own code reaches nothing: no network, no other files, no other model, no other result."""

import json
import pickle
import textwrap
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from serving.api.application import Request
from serving.records.verdicts import Candidate, Rejected
from tests.lambdas.deployment import Deployment, classifier
from tests.lambdas.own_code.served import RunsOwnCode, asked, uploaded
from tests.lambdas.workers.test_spying import needs_landlock

pytestmark = pytest.mark.slow

# Answers texts of Python with what they evaluate to, when it is loaded and when it is asked.
HOSTILE = """
import ctypes, glob, json, os, pathlib, socket, subprocess, sys

def outcome(text):
    try:
        return repr(eval(text))
    except BaseException as error:
        return type(error).__name__

def model_fn(model_dir):
    there = pathlib.Path(model_dir, "attempts.json")
    attempts = json.loads(there.read_text())
    return [outcome(text) for text in attempts]

def input_fn(body, kind):
    return json.loads(body)["instances"]

def predict_fn(instances, seen):
    return [seen if text == "seen" else outcome(text) for text in instances]

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction})
"""
REFUSED = ("PermissionError", "OSError", "FileNotFoundError", "BlockingIOError", "gaierror")
ATTEMPTS = [
    "socket.create_connection(('127.0.0.1', 9), 1)",
    "socket.create_connection(('169.254.169.254', 80), 1)",
    "socket.socket(socket.AF_UNIX)",
    "socket.getaddrinfo('example.org', 80)",
    "os.fork()",
    "subprocess.run(['true'])",
    "os.kill(os.getppid(), 9)",
    "os.kill(1, 0)",
    "open(f'/proc/{os.getppid()}/environ').read()",
    "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "os.chmod(glob.glob('/tmp')[0], 0)",
]
NEEDS_LANDLOCK = [
    "open('/etc/shadow').read()",
    "open('/tmp/left-behind', 'w')",
    "os.listdir('{root}')",
    "os.listdir('{root}/models')",
    "open('{root}/models/honest/current/manifest.json').read()",
    "open('{root}/models/hostile/current/forged', 'w')",
]


@pytest.fixture
def running(deployment: Deployment, tmp_path: Path) -> Deployment:
    found = Deployment(deployment.s3, tmp_path / "on", prepare_with=RunsOwnCode)
    found.upload("honest.joblib", pickled(classifier()))
    return found


def pickled(model: Any) -> bytes:
    return pickle.dumps(model)


def folder_of(place: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return place


@needs_landlock
def test_nothing_is_in_reach_of_a_script(
    running: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "for-this-process-alone")
    attempts = [text.replace("{root}", str(running.root)) for text in ATTEMPTS + NEEDS_LANDLOCK]
    files: dict[str, str | bytes] = {
        "code/inference.py": HOSTILE,
        "attempts.json": json.dumps(attempts),
        "model.pkl": pickled(1),
    }
    assert isinstance(uploaded(running, "hostile", folder_of(tmp_path / "h", files)), Candidate)
    when_loaded = asked(running, "hostile", ["seen"])[0]
    when_asked = asked(running, "hostile", attempts)
    for found in (when_loaded, when_asked):
        reached = {a: o for a, o in zip(attempts, found, strict=True) if o not in REFUSED}
        assert reached == {}
    (environment,) = asked(running, "hostile", ["dict(os.environ)"])
    assert "SECRET" not in environment
    assert asked(running, "honest", [[1.0, 1.0]]) == [1]


def test_one_models_helper_is_never_anothers(running: Deployment, tmp_path: Path) -> None:
    script = """
        import numpy as np

        def model_fn(model_dir):
            import helper
            return helper

        def predict_fn(data, helper):
            import late
            return np.full(len(data), helper.NUMBER + late.NUMBER)
    """
    for number in (1, 2):
        files: dict[str, str | bytes] = {
            "code/inference.py": textwrap.dedent(script),
            "code/helper.py": f"NUMBER = {number}",
            "code/late.py": f"NUMBER = {10 * number}",
            "model.pkl": pickled(number),
        }
        uploaded(running, f"m{number}", folder_of(tmp_path / str(number), files))
    for _ in range(2):
        assert asked(running, "m1", [[0]]) == [11]
        assert asked(running, "m2", [[0]]) == [22]


@pytest.mark.parametrize(
    "ending", ["os._exit(0)", "os.kill(os.getpid(), 11)", "ctypes.string_at(0)"]
)
def test_a_script_that_ends_its_process_costs_its_own_callers(
    running: Deployment, tmp_path: Path, ending: str
) -> None:
    files: dict[str, str | bytes] = {
        "code/inference.py": HOSTILE,
        "attempts.json": "[]",
        "model.pkl": pickled(1),
    }
    uploaded(running, "hostile", folder_of(tmp_path / "h", files))
    answer = asked(running, "hostile", [ending])
    assert answer["error"]["code"] == "MODEL_CRASHED"
    assert asked(running, "honest", [[1.0, 1.0]]) == [1]
    assert asked(running, "hostile", ["1 + 1"]) == ["2"]


FORGING = """
import json, os
number = int(os.environ["CHILD_REPORT_FD"])
description = {description}
os.ftruncate(number, 0)
os.pwrite(number, json.dumps({{"description": description}}).encode(), 0)
os._exit(0)
"""


def test_a_forged_report_is_of_its_own_model_alone(running: Deployment, tmp_path: Path) -> None:
    """What a child writes about its own model is its own, and is held against the records."""
    nonsense = FORGING.format(description={"format": "joblib", "runtime": "sklearn"})
    model = make_pipeline(FunctionTransformer(np.log1p), LinearRegression()).fit([[1.0]], [1.0])
    files: dict[str, str | bytes] = {
        "code/inference.py": f"{nonsense}\ndef model_fn(model_dir): ...\n",
        "model.pkl": pickled(model),
    }
    verdict = uploaded(running, "forger", folder_of(tmp_path / "f", files))
    assert isinstance(verdict, Rejected)
    assert "reported no description" in verdict.reason


def test_a_script_answers_bodies_as_they_are(running: Deployment, tmp_path: Path) -> None:
    script = """
        def model_fn(model_dir):
            return "suffix"

        def transform_fn(model, body, kind, accept):
            return body[::-1] + model.encode(), kind
    """
    files: dict[str, str | bytes] = {
        "code/inference.py": textwrap.dedent(script),
        "one.pkl": pickled(1),
        "two.pkl": pickled(2),
    }
    uploaded(running, "raw", folder_of(tmp_path / "r", files))
    headers = {"Content-Type": "image/png", "Accept": "*/*"}
    request = Request("POST", "/endpoints/raw/invocations", headers, b"\x00\xffab")
    answer = running.application.respond(request)
    assert (answer.status, answer.body) == (200, b"ba\xff\x00suffix")
    assert answer.headers["content-type"] == "image/png"
    assert not answer.is_text


def test_a_media_type_that_is_none_is_the_scripts_fault(
    running: Deployment, tmp_path: Path
) -> None:
    script = """
        def model_fn(model_dir):
            return 1

        def transform_fn(model, body, kind, accept):
            return b"", "text/html\\r\\nSet-Cookie: a=b"
    """
    files: dict[str, str | bytes] = {
        "code/inference.py": textwrap.dedent(script),
        "one.pkl": pickled(1),
    }
    uploaded(running, "raw", folder_of(tmp_path / "r", files))
    answer = running.call("POST", "/endpoints/raw/invocations", b"{}")
    assert answer.status == 500
    assert b"Set-Cookie" not in answer.body


def test_names_that_reach_out_are_refused_all_the_same(running: Deployment, tmp_path: Path) -> None:
    class Reaching:
        def __reduce__(self) -> tuple[Any, ...]:
            import os  # noqa: PLC0415

            return os.system, ("true",)

    joblib.dump(Reaching(), tmp_path / "m.joblib")
    verdict = running.judge(running.put("m.joblib", (tmp_path / "m.joblib").read_bytes()))
    assert isinstance(verdict, Rejected)
    assert verdict.code == "UNSAFE_PICKLE"
