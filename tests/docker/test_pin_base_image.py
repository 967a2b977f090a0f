"""The base image is pinned by what a registry says, and by nothing less."""

import hashlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
INDEX = "application/vnd.oci.image.index.v1+json"


class Registry(BaseHTTPRequestHandler):
    """A registry that asks for a token as ECR Public does, and has one tag.

    https://distribution.github.io/distribution/spec/auth/token/
    """

    body = b""
    digest = ""

    def do_GET(self) -> None:
        """Answers a request for a token, or for a manifest."""
        if self.path.startswith("/token/"):
            assert "service=registry.example" in self.path
            return self._answer(200, json.dumps({"token": "t"}).encode())
        if self.headers.get("Authorization") != "Bearer t":
            realm = f"http://{self.headers['Host']}/token/"
            challenge = f'Bearer realm="{realm}",service="registry.example",scope="aws"'
            return self._answer(401, b"{}", {"WWW-Authenticate": challenge})
        if self.path != "/v2/lambda/python/manifests/3.13":
            return self._answer(404, b"{}")
        assert INDEX in self.headers["Accept"]
        return self._answer(200, self.body, {"Docker-Content-Digest": self.digest})

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def registry() -> Iterator[type[Registry]]:
    handler = type("Own", (Registry,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        handler.address = f"127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
        _publish(handler, _index("amd64", "arm64"))
        yield handler
        server.shutdown()


def _index(*architectures: str) -> dict[str, Any]:
    platforms = [{"platform": {"os": "linux", "architecture": a}} for a in architectures]
    return {"mediaType": INDEX, "manifests": platforms}


def _publish(handler: type[Registry], content: dict[str, Any]) -> str:
    handler.body = json.dumps(content).encode()
    handler.digest = f"sha256:{hashlib.sha256(handler.body).hexdigest()}"
    return handler.digest


def _pin(tmp_path: Path, image: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Runs the command on the project's Dockerfile with another base image."""
    text = (ROOT / "docker" / "Dockerfile").read_text("utf-8")
    (line,) = (li for li in text.splitlines() if li.startswith("ARG BASE_IMAGE="))
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(text.replace(line, f"ARG BASE_IMAGE={image}"), "utf-8")
    script = str(ROOT / "docker" / "pin_base_image.py")
    command = [sys.executable, script, "--dockerfile", str(dockerfile)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    before, after = text.splitlines(), dockerfile.read_text("utf-8").splitlines()
    (changed,) = (new for old, new in zip(before, after, strict=True) if old != new)
    return run, changed.removeprefix("ARG BASE_IMAGE=")


def test_the_project_builds_on_a_pinned_image() -> None:
    text = (ROOT / "docker" / "Dockerfile").read_text("utf-8")
    assert re.search(r"^ARG BASE_IMAGE=\S+:3\.13@sha256:[0-9a-f]{64}$", text, re.M)


def test_a_tag_is_pinned_and_a_pin_follows_its_tag(registry: Any, tmp_path: Path) -> None:
    image = f"{registry.address}/lambda/python:3.13"
    run, first = _pin(tmp_path, image)
    assert (run.returncode, first) == (0, f"{image}@{registry.digest}"), run.stderr
    assert run.stdout == f"no digest → {registry.digest}\n"

    run, same = _pin(tmp_path, first)
    assert (same, run.stdout) == (first, f"Unchanged: {registry.digest}\n")

    digest = _publish(registry, _index("amd64", "arm64", "s390x"))
    run, second = _pin(tmp_path, first)
    assert second == f"{image}@{digest}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_index("amd64"), "is not for linux/arm64"),
        ({"mediaType": "application/vnd.oci.image.manifest.v1+json"}, "is for one processor"),
    ],
)
def test_an_image_for_one_processor_is_refused(
    registry: Any, tmp_path: Path, content: dict[str, Any], says: str
) -> None:
    _publish(registry, content)
    image = f"{registry.address}/lambda/python:3.13"
    run, left = _pin(tmp_path, image)

    assert (run.returncode, left) == (1, image)
    assert run.stderr.startswith("Not pinned: ")
    assert says in run.stderr


def test_other_bytes_than_stated_are_refused(registry: Any, tmp_path: Path) -> None:
    registry.digest = f"sha256:{'0' * 64}"
    run, _ = _pin(tmp_path, f"{registry.address}/lambda/python:3.13")

    assert (run.returncode, "sent other bytes" in run.stderr) == (1, True)


def test_a_tag_that_is_not_there_is_named(registry: Any, tmp_path: Path) -> None:
    run, _ = _pin(tmp_path, f"{registry.address}/lambda/python:9.9")

    assert run.returncode == 1
    assert "/lambda/python/manifests/9.9" in run.stderr
    assert "404" in run.stderr
    assert "Traceback" not in run.stderr
