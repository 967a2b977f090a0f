"""The client generated from the Open Inference Protocol's document, in an environment of its own.

https://pypi.org/project/open-inference-openapi/
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client import Client
from tests.lambdas.deployment import classifier, dumped

MODEL = "generated"


@pytest.fixture(scope="module")
def found(client: Client, root: Path) -> dict[str, Any]:
    """Return what the client got."""
    python = root / ".venv-peers" / "bin" / "python"
    if not python.exists():
        pytest.skip("The client is missing; install it with: make .venv-peers/.ready")
    client.put(f"{MODEL}.joblib", dumped(classifier()))
    client.arrive(MODEL)
    script = Path(__file__).with_name("open_inference_client.py")
    done = subprocess.run(
        [str(python), "-W", "ignore", str(script), client.endpoints.api, MODEL, "[[0, 0], [1, 1]]"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def test_it_reads_metadata(found: dict[str, Any]) -> None:
    assert found["server"] == "modelmount"
    assert found["inputs"] == [["input", "FP64", [-1, 2]]]
    assert found["versioned"]


def test_it_infers_and_keeps_ids(found: dict[str, Any]) -> None:
    assert found["labels"] == [[0, 1], [0, 1]]
    assert found["ids"] == ["42", "42"]


def test_its_errors_have_our_texts(found: dict[str, Any]) -> None:
    assert "There is no model 'nobody'" in found["unknown"]
    # The document names 400 alone; of any other status its client makes an error of its own.
    assert found["refused"].startswith("422 $.inputs[0].shape: The input's shape is [1, 3]")
