"""SageMaker's contracts with a container, over HTTP: one model, and many.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
"""

import contextlib
import gzip
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from tests.lambdas.container.folders import PATIENT_SCRIPT, published, saved, scripted
from tests.lambdas.container.server import (
    LAMBDAS,
    PATIENCE_SECONDS,
    Reply,
    Server,
    serving,
    until,
)
from tests.lambdas.deployment import classifier

pytestmark = pytest.mark.slow

# Takes memory that no file tells of.
GREEDY_SCRIPT = """
def model_fn(model_dir):
    return bytearray(b"x") * (600 * 1024 * 1024)

def transform_fn(model, body, content_type, accept):
    return str(len(model))
"""

# Waits for a file. It runs in a worker, which can write none: one that it holds open tells of it.
WAITING_SCRIPT = """
import pathlib, time

def model_fn(model_dir):
    folder = pathlib.Path(model_dir)
    with (folder / "open").open():
        while not (folder / "load").exists():
            time.sleep(0.01)
    return folder

def transform_fn(model, body, content_type, accept):
    return b""
"""


def is_open(path: Path) -> bool:
    """Whether a process has this file open."""
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if fd.readlink() == path:
                return True
    return False


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("one")
    with serving(folder, saved(folder / "model"), MODELMOUNT_MAX_PAYLOAD_BYTES="100000") as server:
        until(lambda: server.ping() == 200, server)
        yield server


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("many")
    with serving(
        folder,
        SAGEMAKER_MULTI_MODEL="true",
        MODELMOUNT_MEMORY_MB="600",  # of which 150 are for models
        MODELMOUNT_COMPILE_SECONDS="0",
    ) as server:
        yield server


def load(server: Server, name: str, folder: Path) -> Reply:
    return server.call("POST", "/models", {"model_name": name, "url": str(folder)})


def test_one_model_answers(one: Server) -> None:
    reply = one.invoke({"instances": [[1, 1], [0, 0]]})
    assert (reply.status, reply.json["predictions"]) == (200, [1, 0])
    assert reply.headers["content-type"] == "application/json"
    csv = one.call("POST", "/invocations", b"1,1\n0,0\n", "text/csv")
    assert csv.json["predictions"] == [1, 0]


def test_one_model_takes_arrays(one: Server) -> None:
    file = io.BytesIO()
    np.save(file, np.array([[1.0, 1.0]]))
    assert one.invoke(file.getvalue(), "application/x-npy").json["predictions"] == [1]


def test_mlflows_client_finds_its_routes(one: Server) -> None:
    for path in ("/ping", "/health", "/ping/", "/version"):
        assert one.call("GET", path).status == 200
        assert one.call("HEAD", path).body == b""
    assert one.call("GET", "/version").headers["content-type"] == "text/plain"
    frame = {"dataframe_split": {"columns": ["a", "b"], "index": [7], "data": [[1, 1]]}}
    assert one.invoke(frame).json["predictions"] == [1]


def test_bodies_are_bounded_once_they_are_unpacked(one: Server) -> None:
    for size, status in ((90_000, 200), (110_000, 413)):
        body = b'{"instances": [[1, 1]]' + b" " * size + b"}"
        reply = one.call("POST", "/invocations", gzip.compress(body), coding="gzip")
        assert reply.status == status
        assert reply.headers["access-control-allow-origin"] == "*"


def test_pages_of_other_origins_may_read_what_the_server_itself_refuses(one: Server) -> None:
    reply = one.invoke(b" " * 100_001)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (413, "*")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[[1]]", "application/json", 422),
        (b"x", "image/png", 415),
        (b" " * 100_001, "application/json", 413),
    ],
)
def test_mistakes_have_their_statuses(one: Server, body: bytes, kind: str, status: int) -> None:
    reply = one.invoke(body, kind)
    assert (reply.status, bool(reply.json["error"]["message"])) == (status, True)
    assert one.ping() == 200


def test_other_paths_and_methods(one: Server) -> None:
    assert one.call("GET", "/nowhere").status == 404
    assert one.call("GET", "/invocations").status == 405


def test_the_same_core_answers_on_its_own_routes(one: Server) -> None:
    reply = one.call("POST", "/inference", {"model": "model", "instances": [[1, 1]]})
    assert reply.json["predictions"] == [1]
    assert one.call("GET", "/v2/models/model/ready").status == 200


def test_many_connections_at_once(one: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        rows = [[i % 2, i % 2] for i in range(160)]
        replies = [*threads.map(lambda row: one.invoke({"instances": [row]}), rows)]
    assert [reply.json["predictions"] for reply in replies] == [[row[0]] for row in rows]


def test_a_ping_waits_for_the_model_and_sigterm_for_the_answer(tmp_path: Path) -> None:
    folder = scripted(tmp_path / "model", PATIENT_SCRIPT)
    with serving(tmp_path, folder) as server:
        assert server.ping() == 503
        assert "being loaded" in server.invoke(b"early").json["error"]["message"]
        (folder / "load").touch()
        until(lambda: server.ping() == 200, server)
        replies: list[Reply] = []
        asking = threading.Thread(target=lambda: replies.append(server.invoke(b"late")))
        asking.start()
        until((folder / "asked").exists, server)
        assert server.ping() == 200  # while a model is at work
        server.process.terminate()
        until(lambda: not server.listens())
        assert server.process.poll() is None
        (folder / "answer").touch()
        asking.join(PATIENCE_SECONDS)
        assert (replies[0].status, replies[0].body) == (200, b"late")
        assert server.process.wait(30) == 0


def test_an_unusable_folder_is_told_by_every_ping(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "notes.md").touch()
    with serving(tmp_path, tmp_path / "model") as server:
        until(lambda: b"doesn't load" in server.call("GET", "/ping").body, server)
        reply = server.call("GET", "/ping")
        assert reply.status == 503
        assert reply.json["error"]["code"] == "MODEL_DOES_NOT_LOAD"
        assert "One model file is expected" in reply.json["error"]["message"]
        assert server.invoke([[1]]).status == 503


def test_a_request_that_never_ends_does_not_hold_up_the_end(tmp_path: Path) -> None:
    folder = scripted(tmp_path / "model", PATIENT_SCRIPT)
    (folder / "load").touch()
    with serving(tmp_path, folder, MODELMOUNT_DRAIN_SECONDS="1") as server:
        until(lambda: server.ping() == 200, server)
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(server.invoke, b"for ever")
            until((folder / "asked").exists, server)
            assert server.stop() == 0
            assert asked.result(PATIENCE_SECONDS).status == 500


def test_a_stop_before_it_listens_is_obeyed() -> None:
    code = (
        "import os, signal, uvicorn, container.__main__ as program\n"
        "uvicorn.run = lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM)\n"
        "program.serve()\n"
        "print('it goes on')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=LAMBDAS,
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_two_workers_prepare_once(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    with serving(tmp_path, folder, SAGEMAKER_MODEL_SERVER_WORKERS="2") as server:
        loaded = "the model is loaded"
        until(lambda: server.log.read_text().count(loaded) == 2, server)
        assert server.log.read_text().count("prepared 1 of") == 1
        for _ in range(10):
            assert server.invoke([[1, 1]]).json["predictions"] == [1]
        assert server.stop() == 0


def test_many_models_come_and_go(many: Server, tmp_path: Path) -> None:
    assert many.ping() == 200
    assert many.call("GET", "/models").json == {"models": []}
    first, second = published(tmp_path / "a"), published(tmp_path / "b", classifier(10))
    assert load(many, "a", first).status == 200
    assert load(many, "b", second).status == 200
    told = {"modelName": "a", "modelUrl": str(first)}
    assert many.call("GET", "/models/a").json == told
    assert many.call("GET", "/models").json["models"][0] == told
    assert many.call("POST", "/models/a/invoke", [[1, 1]]).json["predictions"] == [1]
    assert many.call("POST", "/models/b/invoke", [[1, 1]]).json["predictions"] == [11]
    assert load(many, "a", second).status == 409
    for name in ("a", "b"):
        assert many.call("DELETE", f"/models/{name}").status == 200
    assert many.call("GET", "/models").json == {"models": []}


def test_pings_are_answered_while_a_model_loads(many: Server, tmp_path: Path) -> None:
    folder = scripted(tmp_path / "patient", WAITING_SCRIPT)
    (folder / "open").touch()
    with ThreadPoolExecutor(1) as threads:
        loading = threads.submit(load, many, "patient", folder)
        until(lambda: is_open(folder / "open"), many)
        assert many.ping() == 200
        assert load(many, "patient", folder).status == 409
        assert many.call("POST", "/models/patient/invoke", b"").status == 404
        (folder / "load").touch()
        assert loading.result(PATIENCE_SECONDS).status == 200
    assert many.call("DELETE", "/models/patient").status == 200


def test_a_name_can_be_given_to_another_model(many: Server, tmp_path: Path) -> None:
    for shift in (0, 10):
        folder = published(tmp_path / str(shift), classifier(shift))
        assert load(many, "named anew", folder).status == 200
        reply = many.call("POST", "/models/named%20anew/invoke", [[1, 1]])
        assert reply.json["predictions"] == [1 + shift]
        assert many.call("DELETE", "/models/named%20anew").status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/models/no"), ("DELETE", "/models/no"), ("POST", "/models/no/invoke")],
)
def test_a_model_that_is_not_loaded_is_not_found(many: Server, method: str, path: str) -> None:
    assert many.call(method, path, [[1, 1]]).status == 404


@pytest.mark.parametrize("body", [b"{", {"url": "/x"}, {"model_name": "x"}])
def test_a_wrong_load_is_refused(many: Server, body: object) -> None:
    assert many.call("POST", "/models", body).status == 400


def test_a_folder_without_a_model_is_refused(many: Server, tmp_path: Path) -> None:
    reply = load(many, "empty", tmp_path)
    assert reply.status == 400
    assert "One model file is expected" in reply.json["error"]["message"]


def test_memory_runs_out_and_comes_back(many: Server, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20_000, 2)), rng.normal(size=20_000)
    forest = RandomForestRegressor(30, random_state=0).fit(x, y)  # about 60 MiB
    folder = saved(tmp_path / "forest", forest)
    statuses = [load(many, f"forest{i}", folder).status for i in range(3)]
    assert (statuses[0], statuses[-1]) == (200, 507)
    names = [told["modelName"] for told in many.call("GET", "/models").json["models"]]
    assert "forest2" not in names
    for name in names:
        assert many.call("POST", f"/models/{name}/invoke", [[0, 0]]).status == 200
        assert many.call("DELETE", f"/models/{name}").status == 200
    assert load(many, "forest2", folder).status == 200
    reply = many.call("POST", "/models/forest2/invoke", x[:2].tolist())
    assert np.allclose(reply.json["predictions"], forest.predict(x[:2]))
    assert many.call("DELETE", "/models/forest2").status == 200


def test_memory_that_no_file_tells_of_counts_too(many: Server, tmp_path: Path) -> None:
    greedy, other = scripted(tmp_path / "greedy", GREEDY_SCRIPT), published(tmp_path / "other")
    refused = load(many, "greedy", greedy)
    assert (refused.status, refused.json["error"]["code"]) == (507, "OUT_OF_MEMORY")
    assert "Its worker may take" in refused.json["error"]["message"]
    assert many.call("GET", "/models/greedy").status == 404
    assert load(many, "other", other).status == 200
    assert many.call("DELETE", "/models/other").status == 200
