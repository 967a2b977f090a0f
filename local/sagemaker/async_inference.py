"""Asynchronous requests: read from S3, answered by the container, written to S3, told over SNS.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from local.assembly.resources.sagemaker_endpoint import AsyncInferenceConfig
from local.s3.object_store import ObjectNotFound, ObjectStore
from local.sagemaker.container import ContainerResponse
from local.sagemaker.container_program import VariantUnavailable
from local.sagemaker.running_endpoint import RunningEndpoint

Publish = Callable[[str, str], Awaitable[None]]
_log = logging.getLogger("local")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass(frozen=True)
class AsyncInferenceRequest:
    """A request of InvokeEndpointAsync.

    Attributes:
        seconds: the time that the container has.
        ttl: the seconds that the request may wait in the queue.
    """

    endpoint: str
    input: str
    output: str
    failure: str
    headers: Mapping[str, str]
    seconds: float
    ttl: float
    inference_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    received: str = field(default_factory=_now)


def new_output_locations(config: AsyncInferenceConfig) -> tuple[str, str]:
    """Returns the S3 places of a new request's output and failure."""
    name = uuid.uuid4()
    return f"{config.output}/{name}.out", f"{config.failure}/{name}-error.out"


class AsyncInferenceQueue:
    """Carries out requests in the order they came, up to `max_concurrent` at a time."""

    def __init__(
        self,
        config: AsyncInferenceConfig,
        running: RunningEndpoint,
        objects: ObjectStore,
        publish: Publish,
    ) -> None:
        self.config = config
        self._running = running
        self._objects = objects
        self._publish = publish
        self._slots = asyncio.Semaphore(config.max_concurrent)
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, request: AsyncInferenceRequest) -> None:
        """Queues a request."""
        task = asyncio.create_task(self._carry_out(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drops requests under way; AWS would keep them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry_out(self, request: AsyncInferenceRequest) -> None:
        deadline = asyncio.get_running_loop().time() + request.ttl
        async with self._slots:
            if asyncio.get_running_loop().time() > deadline:
                await self._fail(request, "ClientError: The request expired in the queue.")
                return
            try:
                body = await self._objects.get(request.input)
                variant = next(iter(self._running.variants.values()))
                answer = await variant.invoke(body, request.headers, request.seconds)
            except ObjectNotFound:
                reason = f"ClientError: Data download failed. There is no object {request.input}."
                await self._fail(request, reason)
            except TimeoutError:
                await self._fail(request, "ClientError: The container timed out.")
            except VariantUnavailable as error:
                await self._fail(request, f"InternalServerError: {error}")
            else:
                await self._finish(request, answer)

    async def _finish(self, request: AsyncInferenceRequest, answer: ContainerResponse) -> None:
        if answer.status != 200:
            side = "client" if 400 <= answer.status < 500 else "server"
            kind = "ClientError" if side == "client" else "InternalServerError"
            text = answer.body.decode("utf-8", "replace")
            reason = (
                f"{kind}: Received {side} error ({answer.status}) from model with message {text!r}"
            )
            await self._fail(request, reason)
            return
        await self._objects.put(request.output, answer.body, answer.content_type)
        response = {"contentType": answer.content_type, "outputLocation": request.output}
        await self._publish_message(
            self.config.success_topic, _message(request, "Completed", response)
        )

    async def _fail(self, request: AsyncInferenceRequest, reason: str) -> None:
        _log.error("%s: %s", request.endpoint, reason)
        await self._objects.put(request.failure, reason.encode(), "text/plain")
        message = _message(request, "Failed", None)
        await self._publish_message(self.config.error_topic, {**message, "failureReason": reason})

    async def _publish_message(self, topic: str | None, message: Mapping[str, object]) -> None:
        if topic:
            region = topic.split(":")[3]
            await self._publish(topic, json.dumps({"awsRegion": region, **message}))


def _message(
    request: AsyncInferenceRequest, status: str, response: Mapping[str, str] | None
) -> dict[str, object]:
    return {
        "eventTime": _now(),
        "receivedTime": request.received,
        "invocationStatus": status,
        "requestParameters": {
            "accept": request.headers.get("Accept"),
            "contentType": request.headers.get("Content-Type"),
            "endpointName": request.endpoint,
            "inputLocation": request.input,
        },
        **({"responseParameters": response} if response else {}),
        "inferenceId": request.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
