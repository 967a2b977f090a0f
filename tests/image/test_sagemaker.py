"""SageMaker's container, from the image: more tightly locked up than SageMaker has it.

There it is root and may write; here it is uid 1001, has /tmp alone and no network.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from container.generation import CONFIG, WEIGHTS
from tests.image.conftest import Images, runner_of
from tests.image.emulator import Runner, Stopwatch
from tests.image.server import Server, Serving
from tests.lambdas.container.server import Reply

IRIS, SPECIES = load_iris(return_X_y=True)
ROWS = IRIS[::40]
# The container of many models has so much memory, of which 188 MiB are for models.
SMALL_MB = 700
LARGE_BYTES = 224_000_000


@pytest.fixture(scope="module")
def containers(images: Images) -> Iterator[Runner]:
    runner = runner_of(images.name("sagemaker"))
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What lies at /opt/ml of the container of many models, for another user to read."""
    folder = tmp_path_factory.mktemp("ml")
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def many(containers: Runner, files: Path) -> Iterator[Serving]:
    variables = {"SAGEMAKER_MULTI_MODEL": "true", "MODELMOUNT_COMPILE_SECONDS": "0"}
    server = Server(folder=files, environment=variables, memory_mb=SMALL_MB)
    with containers.serve(server) as serving:
        serving.ready()
        yield serving


def saved(folder: Path, model: Any, compress: int = 0) -> None:
    folder.mkdir(parents=True)
    joblib.dump(model, folder / "model.joblib", compress)


def load(serving: Serving, name: str) -> Reply:
    asked = {"model_name": name, "url": f"/opt/ml/models/{name}/model"}
    return serving.call("POST", "/models", asked)


def unload(serving: Serving, name: str) -> Reply:
    return serving.call("DELETE", f"/models/{name}")


def loaded(serving: Serving) -> list[str]:
    return [told["modelName"] for told in serving.call("GET", "/models").json["models"]]


def invoke(serving: Serving, name: str, rows: np.ndarray) -> Reply:
    return serving.call("POST", f"/models/{name}/invoke", rows.tolist())


def test_one_model_is_served_from_start_to_sigterm(
    containers: Runner, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(IRIS, SPECIES)
    expected = model.predict(ROWS).tolist()
    saved(tmp_path / "model", model)
    tmp_path.chmod(0o755)
    with containers.serve(Server(folder=tmp_path)) as serving:
        with Stopwatch() as start:
            assert set(serving.ready()) <= {503}
        reply = serving.call("POST", "/invocations", {"instances": ROWS.tolist()})
        assert (reply.status, reply.json["predictions"]) == (200, expected)
        csv = "\n".join(",".join(map(str, row)) for row in ROWS).encode()
        reply = serving.call("POST", "/invocations", csv, "text/csv")
        assert (reply.status, reply.json["predictions"]) == (200, expected)
        with Stopwatch() as end:
            assert serving.stop() == 0
    measured(
        f"SageMaker's container ({containers.name}): its model compiled and ready after "
        f"{start.seconds:.1f} s; ended {end.seconds:.1f} s after SIGTERM"
    )


def test_models_come_and_go(many: Serving, files: Path) -> None:
    species = LogisticRegression(max_iter=1000).fit(IRIS, SPECIES)
    lengths = LinearRegression().fit(IRIS[:, 1:], IRIS[:, 0])
    saved(files / "models/species/model", species)
    saved(files / "models/lengths/model", lengths)
    assert [load(many, name).status for name in ("species", "lengths")] == [200, 200]
    assert load(many, "species").status == 409
    reply = invoke(many, "species", ROWS)
    assert reply.json["predictions"] == species.predict(ROWS).tolist()
    reply = invoke(many, "lengths", ROWS[:, 1:])
    assert reply.json["predictions"] == lengths.predict(ROWS[:, 1:]).tolist()
    assert unload(many, "species").status == 200
    assert invoke(many, "species", ROWS).status == 404
    assert loaded(many) == ["lengths"]
    assert unload(many, "lengths").status == 200


def test_its_memory_limit_bounds_the_models(
    containers: Runner, many: Serving, files: Path, measured: Callable[[str], None]
) -> None:
    if "visible memory" in containers.missing:
        pytest.skip(f"{containers.name} doesn't show a process its limit")
    model = LinearRegression().fit(IRIS, SPECIES)
    saved(files / "models/small/model", model)
    expected = model.predict(ROWS).tolist()
    large = IsotonicRegression().fit([0, 1], [0, 1])
    large.X_thresholds_ = large.y_thresholds_ = np.zeros(LARGE_BYTES // 8)
    large.X_thresholds_[-1] = 1
    saved(files / "models/large/model", large, compress=1)
    assert load(many, "small").status == 200
    reply = load(many, "large")
    assert (reply.status, reply.json["error"]["code"]) == (507, "OUT_OF_MEMORY"), reply.json
    assert invoke(many, "small", ROWS).json["predictions"] == expected
    assert unload(many, "small").status == 200
    measured(
        f"SageMaker's container of {SMALL_MB} MB: a model of {LARGE_BYTES / 1e6:.0f} MB is "
        "refused with 507, and the other answers"
    )


def test_without_text_generation_it_says_how_to_get_it(many: Serving, files: Path) -> None:
    folder = files / "models/gpt/model"
    folder.mkdir(parents=True)
    for name in (CONFIG, WEIGHTS[0]):
        (folder / name).write_text("{}")
    reply = load(many, "gpt")
    assert reply.status == 400
    assert "--build-arg GENERATION=" in reply.json["error"]["message"]
