"""Routes requests, and adds CORS headers and a log line to every answer."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_proxy.asynchronous import AsynchronousRequests
from sagemaker_proxy.invocation import INVOKED, Invocations
from sagemaker_proxy.messages import Refusal, Reply, Request, to_event, to_request
from sagemaker_proxy.request_store import RequestStore
from sagemaker_proxy.settings import ProxySettings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sagemaker_runtime import SageMakerRuntimeClient

EXPOSED = f"Location, Retry-After, {INVOKED}"
_log = logging.getLogger(__name__)


class Proxy:
    """A Lambda handler around SageMaker's runtime and the exchange bucket."""

    def __init__(
        self, settings: ProxySettings, runtime: "SageMakerRuntimeClient", s3: "S3Client"
    ) -> None:
        self._settings = settings
        invocations = Invocations(runtime, settings.endpoints)
        store = RequestStore(s3, settings.bucket_name)
        asynchronous = AsynchronousRequests(runtime, store, settings.endpoints)
        self._routes: Mapping[tuple[str, str], Callable[[Request], Reply]] = {
            ("POST", "/api/v1"): invocations.invoke,
            ("POST", "/api/v1/{variant}"): invocations.invoke,
            ("POST", "/async/{id}"): asynchronous.submit,
            ("POST", "/async/{id}/uploads"): asynchronous.upload,
            ("GET", "/async/{id}"): asynchronous.result,
        }

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        """Answer one event."""
        request = to_request(event)
        reply = self._answer(request)
        reply.headers |= self._cors(request)
        _log.info(
            "stage=%s route=%s %s status=%d request=%s",
            self._settings.stage_name,
            request.method,
            request.route,
            reply.status,
            getattr(context, "aws_request_id", ""),
        )
        return to_event(reply)

    def _answer(self, request: Request) -> Reply:
        # HEAD is answered as GET: API Gateway sends it without its body.
        method = "GET" if request.method == "HEAD" else request.method
        try:
            return self._routes[method, request.route](request)
        except Refusal as refused:
            return refused.reply()
        except (ClientError, BotoCoreError):
            _log.exception("The bucket can't be used")
            text = "The request could not be kept; the log says why. Try again."
            return Refusal(502, "STORAGE_FAILED", text, retry_after=1).reply()

    def _cors(self, request: Request) -> dict[str, str]:
        allowed, origin = self._settings.allowed_origins, request.headers.get("origin")
        if "*" in allowed:
            return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
        if origin is None or origin not in allowed:
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": EXPOSED,
            "Vary": "Origin",
        }
