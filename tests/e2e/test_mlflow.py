"""MLflow's clients, unmodified, in an environment of their own."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

from tests.e2e.client import Client
from tests.lambdas.container.folders import saved
from tests.lambdas.container.server import serving, until
from tests.lambdas.deployment import classifier, dumped
from tests.lambdas.zoo import FRAME


@pytest.fixture(scope="module")
def found(client: Client, root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the clients got."""
    python = root / ".venv-peers" / "bin" / "python"
    if not python.exists():
        pytest.skip("MLflow's client is missing; install it with: make .venv-peers/.ready")
    models = {
        "mlflowed": classifier(),
        "mlflowed frame": LinearRegression().fit(FRAME, [1.0, 2.0, 3.0, 4.0]),
    }
    for name, model in models.items():
        client.put(f"{name}.joblib", dumped(model))
    folder = tmp_path_factory.mktemp("served")
    one, two = (saved(folder / name / "model", model) for name, model in models.items())
    with (
        serving(folder / "mlflowed", one) as plain,
        serving(folder / "mlflowed frame", two) as frame,
    ):
        until(lambda: frame.ping() == 200, frame)
        for name in models:
            client.arrive(name)
        script = Path(__file__).with_name("mlflow_client.py")
        arguments = [client.endpoints.api, *models, str(plain.port), str(frame.port)]
        done = subprocess.run(
            [str(python), str(script), *arguments], capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def test_the_scoring_client_asks_a_container(found: dict[str, Any]) -> None:
    assert found["array"] == found["list"] == found["frame without names"] == [0, 1]
    assert found["frame"] == pytest.approx([1.0, 2.0])
    assert [len(row) for row in found["params"]] == [2, 2]
    assert found["version"]


def test_the_deployments_client_asks_the_api(found: dict[str, Any]) -> None:
    assert found["deployments"] == [0, 1]
    assert found["deployments frame"] == pytest.approx([1.0, 2.0])


def test_their_own_exceptions_have_our_text(found: dict[str, Any]) -> None:
    assert "error code 422" in found["refused"]
    assert "dataframe_split.columns" in found["refused"]
    assert "There is no model 'nobody'" in found["deployments refused"]
