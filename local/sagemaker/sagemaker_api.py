"""SageMaker's API over HTTP: the runtime, and the two control actions that weights need.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import json
from collections.abc import Mapping
from urllib.parse import unquote

from aiohttp import web

from local.sagemaker.api_responses import (
    endpoint_description,
    error_response,
    invocation_response,
    model_error,
)
from local.sagemaker.async_inference import (
    AsyncInferenceQueue,
    AsyncInferenceRequest,
    new_output_locations,
)
from local.sagemaker.container import ContainerResponse
from local.sagemaker.container_program import VariantUnavailable
from local.sagemaker.multi_model_container import TARGET_MODEL_HEADER, StillLoading, UnknownModel
from local.sagemaker.running_endpoint import RunningEndpoint

PREFIX = "X-Amzn-SageMaker-"
ATTRIBUTES = f"{PREFIX}Custom-Attributes"
PAYLOAD_LIMIT = 25_000_000  # bytes of a synchronous request


class SageMakerApi:
    """Answers boto3's client `sagemaker-runtime`, and two actions of `sagemaker`."""

    def __init__(
        self, endpoints: Mapping[str, RunningEndpoint], queues: Mapping[str, AsyncInferenceQueue]
    ) -> None:
        self._endpoints = endpoints
        self._queues = queues

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers a request."""
        if "X-Amz-Target" in request.headers:
            return await self._control(request)
        parts = unquote(request.raw_path.partition("?")[0]).split("/")
        if len(parts) != 4 or parts[1] != "endpoints":
            return error_response(404, "UnknownOperationException", "Only endpoints are here.")
        name, action = parts[2], parts[3]
        if name not in self._endpoints:
            return error_response(400, "ValidationError", f"Endpoint {name} of account not found.")
        is_queued = name in self._queues
        if action == "invocations" and not is_queued:
            return await self._invoke(request, self._endpoints[name])
        if action == "async-invocations" and is_queued:
            return self._queue(request, name)
        return error_response(400, "ValidationError", f"Endpoint {name} doesn't take {action}.")

    async def _invoke(
        self, request: web.BaseRequest, running: RunningEndpoint
    ) -> web.StreamResponse:
        body = await request.content.read(-1)
        if len(body) > PAYLOAD_LIMIT:
            return error_response(
                400, "ValidationError", f"Body has more than {PAYLOAD_LIMIT} bytes."
            )
        headers = _pick_headers(request, "Content-Type", "Accept", ATTRIBUTES)
        variant = request.headers.get(f"{PREFIX}Target-Variant")
        model = request.headers.get(TARGET_MODEL_HEADER)
        if error := _target_error(running, variant, model):
            return error_response(400, "ValidationError", error)
        try:
            invoked, answer = await running.invoke(body, headers, variant, model)
        except UnknownModel as error:
            return error_response(400, "ValidationError", _download_error(str(error)))
        except StillLoading as error:
            return error_response(429, "ModelNotReadyException", str(error))
        except VariantUnavailable as error:
            return error_response(503, "ServiceUnavailable", str(error))
        except TimeoutError:
            text = b"Your invocation timed out while waiting for a response."
            return model_error(ContainerResponse(0, "", text))
        return invocation_response(invoked, answer)

    def _queue(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        queue = self._queues[name]
        output, failure = new_output_locations(queue.config)
        given = request.headers
        accepted = AsyncInferenceRequest(
            endpoint=name,
            input=given[f"{PREFIX}InputLocation"],
            output=output,
            failure=failure,
            headers={
                name: given[f"{PREFIX}{name}"]
                for name in ("Content-Type", "Accept")
                if f"{PREFIX}{name}" in given
            }
            | _pick_headers(request, ATTRIBUTES),
            seconds=float(given.get(f"{PREFIX}InvocationTimeoutSeconds", 900)),
            ttl=float(given.get(f"{PREFIX}RequestTTLSeconds", 21_600)),
        )
        queue.submit(accepted)
        locations = {f"{PREFIX}OutputLocation": output, f"{PREFIX}FailureLocation": failure}
        return web.json_response(
            {"InferenceId": accepted.inference_id}, status=202, headers=locations
        )

    async def _control(self, request: web.BaseRequest) -> web.StreamResponse:
        action = request.headers["X-Amz-Target"].rpartition(".")[2]
        asked = json.loads(await request.content.read(-1) or b"{}")
        running = self._endpoints.get(asked.get("EndpointName", ""))
        if running is None:
            return error_response(400, "ValidationException", "Could not find the endpoint.")
        if action == "UpdateEndpointWeightsAndCapacities":
            for wanted in asked["DesiredWeightsAndCapacities"]:
                if wanted["VariantName"] not in running.weights:
                    return error_response(400, "ValidationException", "Could not find the variant.")
                running.weights[wanted["VariantName"]] = float(wanted["DesiredWeight"])
            return web.json_response({"EndpointArn": running.endpoint.arn})
        if action == "DescribeEndpoint":
            return web.json_response(endpoint_description(running))
        return error_response(400, "UnknownOperationException", f"{action} can't be called here.")


def _target_error(running: RunningEndpoint, variant: str | None, model: str | None) -> str | None:
    if variant and variant not in running.variants:
        return f"Variant {variant} not found."
    if model and not running.endpoint.is_multi_model:
        return "The endpoint isn't a multi-model endpoint, and takes no target model header."
    if not model and running.endpoint.is_multi_model:
        return "The request is missing a target model header."
    return None


def _download_error(uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return f"Failed to download model data(bucket: {bucket}, key: {key}). There is no such object."


def _pick_headers(request: web.BaseRequest, *names: str) -> dict[str, str]:
    return {name: request.headers[name] for name in names if name in request.headers}
