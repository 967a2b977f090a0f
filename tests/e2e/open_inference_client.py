"""Asks with the client that is generated from the Open Inference Protocol's OpenAPI document.

Run with the Python of `.venv-peers`: `open_inference_client.py URL MODEL ROWS`. It prints what it
got as JSON.
"""

import json
import sys
from typing import Any

from open_inference.openapi.client import InferenceRequest, OpenInferenceClient
from open_inference.openapi.core.api_error import ApiError
from open_inference.openapi.errors import NotFoundError


def main(url: str, model: str, rows: list[list[float]]) -> dict[str, Any]:
    client = OpenInferenceClient(base_url=url)
    client.check_server_liveness()
    client.check_server_readiness()
    client.check_model_readiness(model)
    metadata = client.read_model_metadata(model)
    version = metadata.versions[0]
    client.check_model_version_readiness(model, version)
    request = tensors(rows, id="42")
    answers = [
        client.model_infer(model, request=request),
        client.model_version_infer(model, version, request=request),
    ]
    return {
        "server": client.read_server_metadata().name,
        "platform": metadata.platform,
        "inputs": [[each.name, str(each.datatype), each.shape] for each in metadata.inputs],
        "versioned": client.read_model_version_metadata(model, version) == metadata,
        "ids": [answer.id for answer in answers],
        "labels": [json.loads(answer.outputs[0].json())["data"] for answer in answers],
        "unknown": unknown(client),
        "refused": refused(client, model),
    }


def tensors(rows: list[list[float]], **fields: str) -> InferenceRequest:
    shape = [len(rows), len(rows[0])]
    tensor = {"name": "input", "shape": shape, "datatype": "FP64", "data": rows}
    return InferenceRequest(inputs=[tensor], **fields)


def unknown(client: OpenInferenceClient) -> str:
    try:
        client.check_model_readiness("nobody")
    except NotFoundError as error:
        return str(error.body["error"])
    return "found"


def refused(client: OpenInferenceClient, model: str) -> str:
    try:
        client.model_infer(model, request=tensors([[1.0, 2.0, 3.0]]))
    except ApiError as error:
        return f"{error.status_code} {error.body['error']}"
    return "taken"


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
