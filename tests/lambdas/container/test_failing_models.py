"""Models that hang or crash in the container: their callers get an error, all others an answer."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.workers import hostile, side_by_side
from tests.lambdas.container.folders import published
from tests.lambdas.container.server import Server, serving, until

pytestmark = pytest.mark.slow
HANG = {"instances": ["time.sleep(60)"]}
CRASH = {"instances": ["os.abort()"]}
GOOD = {"instances": ["1 + 1"]}


def hostile_folder(root: Path) -> Path:
    hostile.publish(root, "hostile")
    return root / "models" / "hostile" / "versions" / "1"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Server]:
    folder = hostile_folder(tmp_path / "root")
    with serving(
        tmp_path, folder, MODELMOUNT_PREDICT_SECONDS="2", PYTHONPATH=hostile.UNGUARDED
    ) as server:
        until(lambda: server.ping() == 200, server)
        yield server


def test_a_hung_request_ends_at_its_time_out_and_pings_go_on(one: Server) -> None:
    assert one.invoke(GOOD).json["predictions"] == ["2"]
    codes: list[str] = []

    def hang() -> None:
        codes.append(one.invoke(HANG).json["error"]["code"])

    callers = [threading.Thread(target=hang) for _ in range(40)]
    begun = time.monotonic()
    for caller in callers:
        caller.start()
    while time.monotonic() - begun < 1:
        assert one.ping() == 200
    for caller in callers:
        caller.join()
    assert time.monotonic() - begun < 15
    assert set(codes) <= {"MODEL_TIMED_OUT", "MODEL_UNAVAILABLE", "MODEL_PUT_ASIDE"}
    assert "MODEL_TIMED_OUT" in codes


def test_a_ping_fails_when_the_one_model_is_put_aside(one: Server) -> None:
    for _ in range(3):
        reply = one.invoke(CRASH)
        assert (reply.status, reply.json["error"]["code"]) == (503, "MODEL_CRASHED")
    reply = one.call("GET", "/ping")
    assert (reply.status, reply.json["error"]["code"]) == (503, "MODEL_PUT_ASIDE")
    reply = one.invoke(GOOD)
    assert reply.json["error"]["code"] == "MODEL_PUT_ASIDE"
    assert int(reply.headers["retry-after"]) > 1
    assert one.stop() == 0


def test_one_of_many_that_crashes_harms_no_other(tmp_path: Path) -> None:
    bad, good = hostile_folder(tmp_path / "bad"), published(tmp_path / "good")
    with serving(tmp_path, SAGEMAKER_MULTI_MODEL="true", PYTHONPATH=hostile.UNGUARDED) as many:
        until(lambda: many.ping() == 200, many)
        for name, folder in (("bad", bad), ("good", good)):
            body = {"model_name": name, "url": str(folder)}
            assert many.call("POST", "/models", body).status == 200
        for _ in range(4):
            assert many.call("POST", "/models/bad/invoke", CRASH).status == 503
            assert many.call("POST", "/models/good/invoke", [[1, 1]]).json["predictions"] == [1]
        assert many.ping() == 200  # since one can be asked
        assert many.stop() == 0


def test_models_of_other_environments_are_asked_by_their_interpreters(tmp_path: Path) -> None:
    installed = tmp_path / "environments"
    folders = {}
    for name in ("old", "older"):
        side_by_side.make(installed, name, hostile.UNGUARDED)
        hostile.publish(tmp_path, name, environment=name)
        folders[name] = tmp_path / "models" / name / "versions" / "1"
    gone = tmp_path / "models" / "gone" / "versions" / "1"
    hostile.publish(tmp_path, "gone", environment="sklearn-0.24")
    with serving(
        tmp_path, SAGEMAKER_MULTI_MODEL="true", MODELMOUNT_ENVIRONMENTS=str(installed)
    ) as many:
        until(lambda: many.ping() == 200, many)
        for name, folder in folders.items():
            body = {"model_name": name, "url": str(folder)}
            assert many.call("POST", "/models", body).status == 200
            reply = many.call("POST", f"/models/{name}/invoke", {"instances": ["sys.prefix"]})
            assert reply.json["predictions"] == [str(installed / name)]
        reply = many.call("POST", "/models", {"model_name": "gone", "url": str(gone)})
        assert reply.status >= 500
        assert b"sklearn-0.24" in reply.body
