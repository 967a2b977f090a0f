"""What becomes of an asynchronous request that SageMaker can't carry out."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast

import pytest

from local.assembly.resources.sagemaker_endpoint import AsyncInferenceConfig
from local.s3.object_store import ObjectNotFound, ObjectStore
from local.sagemaker.async_inference import AsyncInferenceQueue, AsyncInferenceRequest
from local.sagemaker.container import ContainerResponse
from local.sagemaker.container_program import VariantUnavailable
from local.sagemaker.running_endpoint import RunningEndpoint

TOPIC = "arn:aws:sns:eu-west-1:1:"
QUEUE = AsyncInferenceConfig(1, "s3://x/out", "s3://x/fail", f"{TOPIC}success", f"{TOPIC}error")


class Bucket:
    def __init__(self) -> None:
        self.objects = {"s3://x/in": b"input"}

    async def get(self, uri: str) -> bytes:
        if uri not in self.objects:
            raise ObjectNotFound(uri)
        return self.objects[uri]

    async def put(self, uri: str, body: bytes, content_type: str) -> None:
        self.objects[uri] = body


class Variant:
    def __init__(self, outcome: ContainerResponse | Exception) -> None:
        self._outcome = outcome

    async def invoke(
        self, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> ContainerResponse:
        assert (body, seconds) == (b"input", 9)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


class Endpoint:
    def __init__(self, outcome: ContainerResponse | Exception) -> None:
        self.variants = {"v": Variant(outcome)}


def carried_out(
    outcome: ContainerResponse | Exception, *, source: str = "s3://x/in", ttl: float = 60
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Carry a request out; return what is in S3, and what was told by topic."""
    bucket, told = Bucket(), {}
    request = AsyncInferenceRequest(
        "e", source, "s3://x/out/1", "s3://x/fail/1", {"Content-Type": "a/b"}, 9, ttl
    )

    async def publish(topic: str, message: str) -> None:
        told[topic.rpartition(":")[2]] = json.loads(message)

    async def run() -> None:
        running = cast(RunningEndpoint, Endpoint(outcome))
        queue = AsyncInferenceQueue(QUEUE, running, cast(ObjectStore, bucket), publish)
        queue.submit(request)
        while not told:
            await asyncio.sleep(0)
        await queue.close()

    asyncio.run(run())
    return bucket.objects, told


def test_an_answer_is_stored_and_told_as_sagemaker_tells_it() -> None:
    objects, told = carried_out(ContainerResponse(200, "text/csv", b"1"))

    assert objects["s3://x/out/1"] == b"1"
    assert "s3://x/fail/1" not in objects
    message = told["success"]
    assert {key: message[key] for key in message if not key.endswith("Time")} == {
        "awsRegion": "eu-west-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": None,
            "contentType": "a/b",
            "endpointName": "e",
            "inputLocation": "s3://x/in",
        },
        "responseParameters": {"contentType": "text/csv", "outputLocation": "s3://x/out/1"},
        "inferenceId": message["inferenceId"],
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


@pytest.mark.parametrize(
    ("outcome", "more", "reason"),
    [
        (
            ContainerResponse(422, "text/plain", b"no"),
            {},
            "ClientError: Received client error (422)",
        ),
        (
            ContainerResponse(503, "text/plain", b"no"),
            {},
            "InternalServerError: Received server error (503)",
        ),
        (TimeoutError(), {}, "ClientError: The container timed out"),
        (VariantUnavailable("it ended"), {}, "InternalServerError: it ended"),
        (
            ContainerResponse(200, "", b""),
            {"source": "s3://x/none"},
            "ClientError: Data download failed",
        ),
        (
            ContainerResponse(200, "", b""),
            {"ttl": -1},
            "ClientError: The request expired in the queue",
        ),
    ],
)
def test_a_failure_is_stored_and_told(
    outcome: ContainerResponse | Exception, more: dict[str, Any], reason: str
) -> None:
    objects, told = carried_out(outcome, **more)

    assert objects["s3://x/fail/1"].decode().startswith(reason)
    assert "s3://x/out/1" not in objects
    assert told.keys() == {"error"}
    assert told["error"]["invocationStatus"] == "Failed"
    assert told["error"]["failureReason"].startswith(reason)
    assert "responseParameters" not in told["error"]
