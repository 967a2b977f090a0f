"""An in-process deployment in which own code runs or doesn't, and uploads of scripts' folders."""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

from preparation.prepare import Preparer
from serving.records.verdicts import Verdict
from serving.repository.candidates import Candidates
from tests.conftest import ROOT
from tests.lambdas.deployment import Deployment

SCRIPTS = Path(__file__).parent / "public_scripts"


class RunsOwnCode(Preparer):
    """The preparer of a deployment with the setting `own_code=on`."""

    def __init__(
        self, candidates: Candidates, trusted_formats: tuple[str, ...], memory_mb: int
    ) -> None:
        super().__init__(candidates, trusted_formats, memory_mb, runs_own_code=True)


def trained(name: str, folder: Path) -> Path:
    """Run a script as a process of its own, and return the folder that it fills."""
    (folder / "upload").mkdir(parents=True)
    command = [sys.executable, str(SCRIPTS / f"{name}.py"), str(folder)]
    paths = {**os.environ, "PYTHONPATH": str(ROOT / "lambdas")}
    subprocess.run(command, check=True, cwd=folder, env=paths)
    return folder


def packed(folder: Path) -> bytes:
    """Return an archive of a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.add(path, path.relative_to(folder).as_posix())
    return buffer.getvalue()


def uploaded(deployment: Deployment, name: str, folder: Path) -> Verdict | None:
    """Upload a folder as an archive, publish what is accepted, and return the verdict."""
    verdict = deployment.judge(deployment.put(f"{name}/1.tar.gz", packed(folder)))
    if verdict is not None:
        deployment.publisher.act(verdict)
    return verdict


def asked(deployment: Deployment, name: str, instances: list[Any]) -> Any:
    """Return the predictions for instances, or the body of an error."""
    body = json.dumps({"model": name, "instances": instances}).encode()
    answer = json.loads(deployment.call("POST", "/inference", body).body)
    return answer.get("predictions", answer)
