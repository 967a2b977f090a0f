"""The servers that are measured: their packages, their start and their requests."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.serving import models

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).parent / "peers"
# As in the image: a request is one row, which gains nothing from threads.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SKLEARN = "scikit-learn==1.9.1"


@dataclass(frozen=True)
class Contestant:
    """A server.

    Attributes:
        requirements: its packages; none: this project's own environment.
        command: what follows the interpreter, given the model's folder and a port.
        path: of an inference.
        live: answers 200 once the model can be asked.
        instances: puts rows into a body.
        variables: of the environment, given the same as the command.
    """

    name: str
    requirements: tuple[str, ...]
    command: Callable[[Path, int], list[str]]
    path: str
    live: str
    instances: Callable[[list[list[float]]], Any] = lambda rows: {"instances": rows}
    variables: Callable[[Path, int], dict[str, str]] = lambda _folder, _port: {}
    folder: Callable[[Path, int], None] = lambda _folder, _port: None
    cwd: Path = field(default=PEERS)


def _ours(folder: Path, port: int) -> dict[str, str]:
    return {
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "MODELMOUNT_MODEL_DIR": str(folder),
        "MODELMOUNT_SCRATCH_DIR": str(folder.parent / "scratch"),
        "MODELMOUNT_COMPILE_SECONDS": "120",
    }


def _mlserver(folder: Path, port: int) -> None:
    """Write its settings: one process, no worker pool beside it, which is its fastest way."""
    ports = {"http_port": port, "grpc_port": port + 1, "metrics_port": port + 2}
    server = {**ports, "host": "127.0.0.1", "parallel_workers": 0, "debug": False}
    (folder / "settings.json").write_text(json.dumps(server), "utf-8")
    model = {
        "name": "model",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
    (folder / "model-settings.json").write_text(json.dumps(model), "utf-8")


def _tensor(rows: list[list[float]]) -> Any:
    shape = [len(rows), len(rows[0])]
    return {"inputs": [{"name": "input", "shape": shape, "datatype": "FP64", "data": rows}]}


ALL = (
    Contestant(
        "ours",
        (),
        lambda _folder, _port: ["-m", "container", "serve"],
        "/invocations",
        "/ping",
        variables=_ours,
        cwd=ROOT / "lambdas",
    ),
    Contestant(
        "FastAPI and joblib",
        ("fastapi==0.165.0", "uvicorn[standard]==0.54.0", "joblib", SKLEARN),
        lambda _folder, port: [
            *("-m", "uvicorn", "fastapi_app:app", "--port", str(port), "--no-access-log")
        ],
        "/predict",
        "/ready",
        variables=lambda folder, _: {"MODEL": str(folder / "model.joblib")},
    ),
    Contestant(
        "MLServer",
        ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop<0.22"),
        lambda folder, _port: ["-c", "from mlserver.cli import main; main()", "start", str(folder)],
        "/v2/models/model/infer",
        "/v2/models/model/ready",
        _tensor,
        folder=_mlserver,
    ),
    Contestant(
        "BentoML",
        ("bentoml==1.4.38", "joblib", SKLEARN),
        lambda _folder, port: [
            *("-m", "bentoml", "serve", "bento:Model", "--port", str(port)),
            *("--host", "127.0.0.1", "--working-dir", str(PEERS)),
        ],
        "/predict",
        "/readyz",
        variables=lambda folder, _: {
            "MODEL": str(folder / "model.joblib"),
            "BENTOML_DO_NOT_TRACK": "True",
        },
    ),
)


def folder_for(peer: Contestant, model: str, python: Path, root: Path) -> Path:
    """Train the model by the peer's own packages; return the folder that holds it."""
    folder = root / peer.name.replace(" ", "-") / model
    folder.mkdir(parents=True)
    environment = {"PYTHONPATH": str(ROOT), **ONE_THREAD}
    command = [
        str(python),
        "-m",
        "benchmarks.server.peers.train",
        model,
        str(folder / "model.joblib"),
    ]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)  # noqa: S603 (our own script)
    return folder


def body(peer: Contestant, model: str) -> bytes:
    """Return the peer's request for the first row of the model's own data."""
    rows = getattr(models, model)().rows[:1].tolist()
    return json.dumps(peer.instances(rows)).encode()
