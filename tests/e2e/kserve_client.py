"""KServe's own client against a running system: prints what it got, as JSON.

Run with the Python of `.venv-peers`: `kserve_client.py URL MODEL ROWS`.
"""

import asyncio
import json
import sys
from typing import Any

import numpy as np
from httpx import HTTPStatusError
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig


async def main(url: str, model: str, rows: list[list[float]]) -> dict[str, Any]:
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
    shape = [len(rows), len(rows[0])]
    tensor = InferInput(name="input", shape=shape, datatype="FP64", data=rows)
    answers = {}
    for binary in (False, True):
        if binary:
            tensor = InferInput(name="input", shape=shape, datatype="FP64")
            tensor.set_data_from_numpy(np.array(rows), binary_data=True)
        asked = InferRequest(model_name=model, infer_inputs=[tensor])
        answer = await client.infer(url, asked, model_name=model)
        output = answer.outputs[0]
        answers["binary" if binary else "json"] = output.as_numpy().tolist()
    try:
        await client.infer(url, asked, model_name="unknown")
    except HTTPStatusError as error:
        answers["unknown"] = [error.response.status_code, error.response.json()["error"]]
    answers["live"] = await client.is_server_live(url)
    answers["ready"] = await client.is_server_ready(url)
    answers["model_ready"] = await client.is_model_ready(url, model)
    return answers


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))))
