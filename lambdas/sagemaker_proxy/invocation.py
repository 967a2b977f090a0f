"""Synchronous requests: answered while the caller waits."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_proxy.custom_attributes import custom_attributes
from sagemaker_proxy.failures import refusal
from sagemaker_proxy.messages import JSON, MAX_ANSWER_BYTES, Refusal, Reply, Request, as_json
from sagemaker_proxy.settings import Endpoint
from sagemaker_proxy.target_model import target_model

if TYPE_CHECKING:
    from types_boto3_sagemaker_runtime import SageMakerRuntimeClient

INVOKED = "X-Invoked-Variant"


class Invocations:
    """Invokes the variant that is named, or lets SageMaker choose by the weights."""

    def __init__(self, runtime: "SageMakerRuntimeClient", endpoints: Sequence[Endpoint]) -> None:
        self._runtime = runtime
        self._endpoints = [own for own in endpoints if not own.asynchronous]
        self._by_variant = {v: own for own in self._endpoints for v in own.variants}

    def invoke(self, request: Request) -> Reply:
        """Answer a request; raises `Refusal`."""
        variant = request.parameters.get("variant")
        endpoint = self._of(variant) if variant else self._first()
        optional = {
            "TargetVariant": variant,
            "TargetModel": target_model(endpoint, request.query.get("model")),
            "Accept": request.accept,
            "CustomAttributes": custom_attributes(request),
        }
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=endpoint.endpoint,
                ContentType=request.content_type,
                Body=request.body,
                **{name: value for name, value in optional.items() if value},
            )
            body = answer["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise refusal(error, endpoint) from error
        invoked = answer.get("InvokedProductionVariant") or variant or ""
        return _reply(invoked, answer.get("ContentType") or JSON, body)

    def _of(self, variant: str) -> Endpoint:
        if variant in self._by_variant:
            return self._by_variant[variant]
        known = ", ".join(self._by_variant) or "none"
        raise Refusal(404, "UNKNOWN_VARIANT", f"There is no variant {variant!r:.100}: {known}.")

    def _first(self) -> Endpoint:
        if self._endpoints:
            return self._endpoints[0]
        raise Refusal(404, "NO_ENDPOINT", "Every endpoint here is async: POST /async/ENDPOINT.")


def _reply(invoked: str, content_type: str, body: bytes) -> Reply:
    told: Any = _parsed(body) if content_type.partition(";")[0].strip() == JSON else None
    if told is None:
        reply = Reply(200, body, content_type)
    else:
        answer = told if isinstance(told, dict) and "predictions" in told else {"predictions": told}
        reply = as_json(200, {"invoked_variant": invoked, **answer})
    if len(reply.body) > MAX_ANSWER_BYTES:
        raise Refusal(
            413,
            "ANSWER_TOO_LARGE",
            f"The answer has {len(reply.body)} bytes, of which {MAX_ANSWER_BYTES} can be passed "
            "on. Send fewer instances, or use an endpoint with async: POST /async/ENDPOINT.",
        )
    reply.headers[INVOKED] = invoked
    return reply


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
