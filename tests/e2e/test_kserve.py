"""KServe's client, unmodified, in an environment of its own."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client import Client
from tests.lambdas.deployment import classifier, dumped

ROWS = [[0.0, 0.0], [1.0, 1.0]]
MODEL = "kserved"


@pytest.fixture(scope="module")
def found(client: Client, root: Path) -> dict[str, Any]:
    """Return what the client got."""
    python = root / ".venv-peers" / "bin" / "python"
    if not python.exists():
        pytest.skip("KServe's client is missing; install it with: make .venv-peers/.ready")
    client.put(f"{MODEL}.joblib", dumped(classifier()))
    client.arrive(MODEL)
    script = Path(__file__).with_name("kserve_client.py")
    done = subprocess.run(
        [str(python), str(script), client.endpoints.api, MODEL, json.dumps(ROWS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def test_it_infers_in_json_and_in_binary(found: dict[str, Any]) -> None:
    assert found["json"] == found["binary"] == [0, 1]


def test_it_sees_what_is_ready(found: dict[str, Any]) -> None:
    assert (found["live"], found["ready"], found["model_ready"]) == (True, True, True)


def test_its_own_exception_has_our_text(found: dict[str, Any]) -> None:
    assert found["unknown"][0] == 404
    assert "There is no model 'unknown'" in found["unknown"][1]
