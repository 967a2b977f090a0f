"""The process behind Lambda's runtime client starts anew after an upload."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from preparer import renewal

pytestmark = pytest.mark.slow

LAMBDAS = Path(renewal.__file__).parents[1]
HANDLER = """
import os, time
from preparer.renewal import Renewal
from confinement.protection import protect
RENEWAL, CALLS = Renewal(), []
RENEWAL.install()
protect()

def handler(event, context):
    CALLS.append(event)
    tmp = os.environ["TMPDIR"]
    answer = {
        "calls": len(CALLS),
        "pid": os.getpid(),
        "files": os.listdir(tmp),
        "marked": os.environ.get("MARKED"),
        "given": os.environ.get("GIVEN"),
    }
    if event["renew"]:
        RENEWAL.request()
    os.environ["MARKED"] = "by an upload"
    os.environ.pop("GIVEN", None)
    os.makedirs(tmp + "/closed/inner", exist_ok=True)
    open(tmp + "/closed/inner/left", "w").close()
    os.chmod(tmp + "/closed/inner", 0)
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.write(writer, str(os.getpid()).encode())
        time.sleep(60)
        os._exit(0)
    os.wait()
    answer["daemon"] = int(os.read(reader, 20))
    return answer
"""


class RuntimeApi(ThreadingHTTPServer):
    """The part of Lambda's Runtime API that the client asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.events: Queue[dict[str, Any]] = Queue()
        self.answers: Queue[dict[str, Any]] = Queue()
        self.asked: Queue[float] = Queue()


class _Requests(BaseHTTPRequestHandler):
    server: RuntimeApi

    def do_GET(self) -> None:
        self.server.asked.put(time.monotonic())
        body = json.dumps(self.server.events.get()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "one")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn")
        self.send_header("Lambda-Runtime-Trace-Id", "Root=1-0-0;Sampled=0")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.put(json.loads(body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[RuntimeApi]:
    """The function's process under the real client, as `local` and Lambda start it."""
    (tmp_path / "function.py").write_text(HANDLER)
    (tmp_path / "tmp").mkdir()
    with RuntimeApi() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join([str(LAMBDAS), *filter(None, sys.path)]),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "preparer",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
            "AWS_LAMBDA_LOG_GROUP_NAME": "group",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_REGION": "us-east-1",
            "TMPDIR": str(tmp_path / "tmp"),
            "GIVEN": "by Lambda",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "function.handler"],
            cwd=tmp_path,
            env=environment,
        )
        yield server
        process.kill()
        process.wait()
        server.shutdown()


def ask(api: RuntimeApi, *, renew: bool) -> dict[str, Any]:
    api.events.put({"renew": renew})
    return api.answers.get(timeout=60)


def test_each_upload_meets_a_new_process(api: RuntimeApi) -> None:
    first = ask(api, renew=True)
    second = ask(api, renew=True)
    third = ask(api, renew=False)
    fourth = ask(api, renew=False)
    for answer in (first, second, third):
        assert (answer["calls"], answer["files"], answer["marked"]) == (1, [], None)
        assert answer["given"] == "by Lambda"
    # One that isn't asked to stays as it is, so that the above can fail.
    assert (fourth["calls"], fourth["marked"]) == (2, "by an upload")
    assert fourth["files"] == ["closed"]
    # Lambda's process is the same all the time: for it, nothing has ended.
    assert len({each["pid"] for each in (first, second, third, fourth)}) == 1
    for answer, lives in ((first, False), (second, False), (third, True)):
        assert Path("/proc", str(answer["daemon"])).exists() is lives
    os.kill(third["daemon"], 9)
    os.kill(fourth["daemon"], 9)


def test_without_the_client_nothing_is_renewed() -> None:
    found = renewal.Renewal()
    found.install()
    assert found.is_possible is ("awslambdaric.lambda_runtime_client" in sys.modules)


def test_a_folder_is_emptied_whatever_its_modes(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/b/c/file").touch()
    (tmp_path / "outside").symlink_to("/usr")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a/b").chmod(0)
    renewal.empty(tmp_path)
    assert list(tmp_path.iterdir()) == []
