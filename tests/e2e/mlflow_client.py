"""Asks with MLflow's own clients, unmodified, and prints what they got as JSON.

Run with the Python of `.venv-peers`: `mlflow_client.py API MODEL FRAME_MODEL PORT FRAME_PORT`. The
ports are those of containers that serve the same two models.
"""

import json
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

from mlflow.deployments import get_deploy_client  # noqa: E402 (it warns when it is imported)
from mlflow.pyfunc.scoring_server.client import ScoringServerClient  # noqa: E402

ROWS = [[0.0, 0.0], [1.0, 1.0]]
FRAME = pd.DataFrame({"income": [1.0, 2.0], "age": [20.0, 40.0]})


def main(api: str, model: str, frame_model: str, port: str, frame_port: str) -> None:
    scoring = ScoringServerClient("127.0.0.1", int(port))
    framed = ScoringServerClient("127.0.0.1", int(frame_port))
    scoring.wait_server_ready(timeout=10)
    deployed = get_deploy_client(api)
    split = {"dataframe_split": FRAME.to_dict(orient="split")}
    found = {
        "version": scoring.get_version(),
        "array": scoring.invoke(np.array(ROWS))["predictions"],
        "list": scoring.invoke(ROWS).get_predictions()[0].tolist(),
        "frame without names": scoring.invoke(pd.DataFrame(ROWS))["predictions"],
        "params": scoring.invoke(ROWS, params={"method": "predict_proba"})["predictions"],
        "frame": framed.invoke(FRAME)["predictions"],
        "refused": refusal(lambda: framed.invoke(FRAME[["age"]])),
        "deployments": deployed.predict(endpoint=model, inputs={"inputs": ROWS})["predictions"],
        "deployments frame": deployed.predict(endpoint=frame_model, inputs=split)["predictions"],
        "deployments refused": refusal(
            lambda: deployed.predict(endpoint="nobody", inputs={"inputs": ROWS})
        ),
    }
    print(json.dumps(found))


def refusal(call: Callable[[], object]) -> str:
    try:
        call()
    except Exception as error:
        return str(error)
    return "not refused"


if __name__ == "__main__":
    main(*sys.argv[1:])
