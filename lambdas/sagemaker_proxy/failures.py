"""Maps failures of SageMaker to answers for the caller.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_Errors
"""

import json
import logging
import re
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from sagemaker_proxy.messages import Refusal
from sagemaker_proxy.settings import Endpoint

# "Failed to download model data(bucket: …, key: …). Please ensure that there is an object …"
NO_MODEL = re.compile("failed to download model data", re.IGNORECASE)
BUSY = {"ServiceUnavailable", "ServiceUnavailableException", "ModelNotReadyException"}
THROTTLED = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
}
LONGEST_MESSAGE = 2000  # characters of a container's text that are passed on
_log = logging.getLogger(__name__)


def refusal(error: ClientError | BotoCoreError, endpoint: Endpoint) -> Refusal:
    """Return what to answer to a failed call about an endpoint."""
    if isinstance(error, ReadTimeoutError):
        return _timeout(endpoint)
    if isinstance(error, ConnectTimeoutError | EndpointConnectionError):
        _log.error("%s can't be reached: %s", endpoint.name, error)
        return _later("SageMaker can't be reached.")
    if not isinstance(error, ClientError):
        return _ours(error, endpoint.name)
    return _of_sagemaker(error, endpoint.name)


def _timeout(endpoint: Endpoint) -> Refusal:
    """Return the answer to a timeout; a multi-model endpoint may still be loading the model."""
    way_out = (
        "It may still be loading: try again in a moment."
        if endpoint.multi_model
        else "Send fewer instances, or use an endpoint with async: POST /async/ENDPOINT."
    )
    return Refusal(504, "MODEL_TIMEOUT", f"The model didn't answer within 27 seconds. {way_out}")


def _of_sagemaker(error: ClientError, endpoint: str) -> Refusal:
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    if code == "ModelError":
        return _of_model(error.response)
    if code in BUSY:
        return _later(f"The endpoint {endpoint!r} isn't ready: {message}")
    if code in THROTTLED:
        return Refusal(429, "TOO_MANY_REQUESTS", "Too many requests at once.", retry_after=1)
    if code == "ValidationError":
        return _of_validation(endpoint, message)
    if code in ("InternalFailure", "InternalDependencyException"):
        _log.error("%s: %s: %s", endpoint, code, message)
        return Refusal(502, "SAGEMAKER_FAILED", "SageMaker failed. Try again.", retry_after=1)
    return _ours(error, endpoint)


def _of_model(response: Any) -> Refusal:  # botocore's own, with a member more
    """Return a client error for what the container refused, else a server error."""
    status = int(response.get("OriginalStatusCode") or 500)
    message = _said(response.get("OriginalMessage") or response["Error"].get("Message", ""))
    if 400 <= status < 500:
        return Refusal(status, "MODEL_REFUSED", message)
    _log.error("The model failed with %s: %s (%s)", status, message, response.get("LogStreamArn"))
    return Refusal(502, "MODEL_FAILED", f"The model failed: {message}")


def _told(error: dict[str, Any]) -> str:
    return f"{error['message']} ({error['id']})" if "id" in error else str(error["message"])


def _said(text: str) -> str:
    """Return the message in a container's text, where that is an error in JSON such as ours."""
    try:
        error = json.loads(text)["error"]
        text = error if isinstance(error, str) else _told(error)
    except (ValueError, TypeError, KeyError):
        pass
    return text[:LONGEST_MESSAGE]


def _of_validation(endpoint: str, message: str) -> Refusal:
    if NO_MODEL.search(message):
        _log.error("%s: %s", endpoint, message)
        text = "There is no such model below the variant's prefix, or its role may not read it."
        return Refusal(404, "UNKNOWN_MODEL", text)
    # During an update the deployed endpoints differ from those that the function knows.
    if "not found" in message:
        _log.error("%s: %s", endpoint, message)
        return _later(f"The endpoint {endpoint!r} isn't deployed, or is being updated.")
    return Refusal(400, "BAD_REQUEST", message)


def _later(message: str) -> Refusal:
    return Refusal(503, "UNAVAILABLE", f"{message} Try again in a moment.", retry_after=5)


def _ours(error: Exception, endpoint: str) -> Refusal:
    """Log an error such as a missing permission, and hide it from the caller."""
    _log.error("%s: %s", endpoint, error)
    return Refusal(500, "INTERNAL", "The request could not be passed on; the log says why.")
