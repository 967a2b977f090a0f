"""A server as a container: answers, failures, time-outs and its end."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.process_reaper import ProcessReaper
from local.processes import descendants, parents
from local.sagemaker.container import Container, ContainerResponse
from local.sagemaker.container_program import ContainerProgram, VariantUnavailable

pytestmark = pytest.mark.slow

SERVER = """
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(os.environ.get("PING", "200")))
        self.end_headers()
        self.wfile.write(os.environ.get("SAYS", "").encode())
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die":
            os._exit(3)
        if body == b"sleep":
            time.sleep(30)
        self.send_response(int(body))
        self.send_header("Content-Type", "text/x")
        self.end_headers()
        self.wfile.write(json.dumps(sys.argv[1:]).encode())
HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def reaper() -> Iterator[ProcessReaper]:
    with closing(ProcessReaper()) as found:
        yield found


def test_a_container_answers_fails_is_too_slow_and_dies(
    tmp_path: Path, reaper: ProcessReaper
) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    started = ContainerProgram([sys.executable, "server.py", "serve"], tmp_path, {})

    async def run() -> None:
        container = await Container.start(started, tmp_path / "log", reaper)
        assert await container.invoke(b"200", {}, 10) == ContainerResponse(
            200, "text/x", b'["serve"]'
        )
        assert (await container.invoke(b"418", {}, 10)).status == 418
        with pytest.raises(VariantUnavailable, match="ended the connection"):
            await container.invoke(b"die", {}, 10)
        await container.close()
        assert not container.alive
        slow = await Container.start(started, tmp_path / "log", reaper)
        with pytest.raises(TimeoutError):
            await slow.invoke(b"sleep", {}, 0.05)
        await slow.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ([sys.executable, "-c", "raise SystemExit(3)"], "ended by itself: see .*log"),
        (["/nonexistent/serve"], "/nonexistent/serve can't be started"),
    ],
)
def test_a_container_that_does_not_start_is_told(
    tmp_path: Path, reaper: ProcessReaper, command: list[str], told: str
) -> None:
    with pytest.raises(VariantUnavailable, match=told):
        asyncio.run(
            Container.start(ContainerProgram(command, tmp_path, {}), tmp_path / "log", reaper)
        )


def test_a_model_that_will_never_load_is_not_waited_for(
    tmp_path: Path, reaper: ProcessReaper
) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    says = '{"error": {"code": "MODEL_DOES_NOT_LOAD", "message": "because"}}'
    command = [sys.executable, "server.py", "serve"]
    broken = ContainerProgram(command, tmp_path, {"PING": "503", "SAYS": says})
    with pytest.raises(VariantUnavailable, match=r"^because$"):
        asyncio.run(Container.start(broken, tmp_path / "log", reaper))


def test_a_stop_ends_a_container_that_is_being_started(
    tmp_path: Path, reaper: ProcessReaper
) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, "server.py", "serve"]
    starting = ContainerProgram(command, tmp_path, {"PING": "503", "SAYS": "not yet"})
    before = set(descendants(os.getpid(), parents()))

    async def run() -> None:
        task = asyncio.create_task(Container.start(starting, tmp_path / "log", reaper))
        async with asyncio.timeout(30):
            while not set(descendants(os.getpid(), parents())) - before:
                await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait([task], timeout=30)
        assert task.cancelled()

    asyncio.run(run())
    assert not set(descendants(os.getpid(), parents())) - before
