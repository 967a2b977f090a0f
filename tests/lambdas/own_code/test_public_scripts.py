"""Scripts of the shapes that people publish: served as they answer themselves, or refused.

OWN_CODE_SCRIPTS=all takes all of them, and not a sample.
"""

import json
import os
from pathlib import Path

import pytest

from serving.records.verdicts import Candidate, Rejected
from tests.lambdas.deployment import Deployment
from tests.lambdas.own_code.served import SCRIPTS, RunsOwnCode, asked, trained, uploaded

pytestmark = pytest.mark.slow

ALL = sorted(path.stem for path in SCRIPTS.glob("[!_]*.py"))
SAMPLE = ("frame_selector", "lambda_by_cloudpickle", "mlflow_code_paths", "text_cleaner")
NAMES = ALL if os.environ.get("OWN_CODE_SCRIPTS") == "all" else SAMPLE


@pytest.mark.parametrize("name", NAMES)
def test_they_answer_as_in_their_own_process(
    deployment: Deployment, tmp_path: Path, name: str
) -> None:
    folder = trained(name, tmp_path / name)
    refused = uploaded(deployment, "m", folder / "upload")
    assert isinstance(refused, Rejected)
    assert "own_code=on" in refused.reason
    running = Deployment(deployment.s3, tmp_path / "on", prepare_with=RunsOwnCode)
    verdict = uploaded(running, name, folder / "upload")
    assert isinstance(verdict, Candidate), verdict
    told = json.loads((folder / "expected.json").read_text())
    assert asked(running, name, told["instances"]) == told["predictions"]
