"""Whatever there is no memory for is answered with 503 and when to come back, on every route."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks.cache import models
from serving.api.application import Application, Request
from serving.api.protocols import sagemaker
from serving.repository.model_reader import ModelReader
from serving.service.service import Service

MIB = 1024 * 1024
ROW = models.ROW[:8]
TENSOR = {"name": "input", "shape": [1, 8], "datatype": "FP64", "data": ROW}
ASKED = {
    "/inference": {"model": "m", "instances": [ROW]},
    "/v1/models/m:predict": {"instances": [ROW]},
    "/v2/models/m/infer": {"inputs": [TENSOR]},
    "/v2/models/m/versions/1/infer": {"inputs": [TENSOR]},
    "/v2/repository/models/m/load": {},
    "/invocations": {"instances": [ROW]},
    "/ping": None,
}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    models.publish(tmp_path, "m", 1, 2 * MIB, 1.0, len(ROW))
    models.publish(tmp_path, "other", 1, 2 * MIB, 1.0, len(ROW))
    return Service(ModelReader(tmp_path / "models"), budget_bytes=3 * MIB, refresh_seconds=0)


@pytest.fixture
def application(service: Service) -> Application:
    application = Application(service, allowed_origins=("*",), max_answer_bytes=64 * MIB)
    group = sagemaker.Routes(service, service.ask, "m")
    for segment in ("ping", "invocations"):
        application.mount(segment, group)
    return application


def statuses(application: Application, paths: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """Return each answer's status, and whether it says when to come back."""
    found = {}
    for path in paths:
        body = b"" if ASKED[path] is None else json.dumps(ASKED[path]).encode()
        method = "GET" if ASKED[path] is None else "POST"
        headers = {} if ASKED[path] is None else {"content-type": "application/json"}
        answer = application.respond(Request(method, path, headers, body))
        found[path] = answer.status, int(answer.headers.get("retry-after", 0)) > 0
    return found


def test_while_others_take_all_memory(application: Application, service: Service) -> None:
    service.load("other")
    with service._cache.hold(service._resolver.resolve("other", None).latest.estimates):
        assert statuses(application, ASKED) == dict.fromkeys(ASKED, (503, True))
    assert statuses(application, ASKED) == dict.fromkeys(ASKED, (200, False))


def test_what_answers_just_now_is_not_unloaded(application: Application, service: Service) -> None:
    service.load("m")
    unload = Request("POST", "/v2/repository/models/m/unload", {}, b"")
    with service._cache.hold(service._resolver.resolve("m", None).latest.estimates):
        answer = application.respond(unload)
        assert (answer.status, "retry-after" in answer.headers) == (503, True)
    assert application.respond(unload).status == 200


def test_a_model_larger_than_the_budget(tmp_path: Path, application: Application) -> None:
    models.publish(tmp_path, "m", 2, 4 * MIB, 1.0, len(ROW))
    current = [path for path in ASKED if "versions" not in path]
    assert statuses(application, current) == dict.fromkeys(current, (503, True))


@pytest.mark.slow
def test_while_the_process_is_too_large(tmp_path: Path) -> None:
    models.publish(tmp_path, "m", 1, 2 * MIB, 1.0, len(ROW))
    service = Service(
        ModelReader(tmp_path / "models"), budget_bytes=2**30, limit_bytes=1, refresh_seconds=0
    )
    application = Application(service, allowed_origins=("*",), max_answer_bytes=64 * MIB)
    own = [path for path in ASKED if path not in ("/ping", "/invocations")]
    assert statuses(application, own) == dict.fromkeys(own, (503, True))
