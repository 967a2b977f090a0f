"""Asynchronous requests: queued at an endpoint, and their answers fetched later."""

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_proxy.custom_attributes import custom_attributes
from sagemaker_proxy.failures import refusal
from sagemaker_proxy.messages import MAX_ANSWER_BYTES, Refusal, Reply, Request, as_json
from sagemaker_proxy.request_store import ID, RequestStore, StoredRequest, age
from sagemaker_proxy.settings import Endpoint

if TYPE_CHECKING:
    from types_boto3_sagemaker_runtime import SageMakerRuntimeClient

GIB = 1024**3
URL_SECONDS = 900
# SageMaker may take six hours in the queue (its default) and an hour in the container.
QUEUE_SECONDS, MODEL_SECONDS = 21_600, 3600
POLL_SECONDS = 2
# SageMaker reports a container's answer as "Received client error (400) from model".
STATUS = re.compile(r"Received (?:client|server) error \((\d{3})\)")


class AsynchronousRequests:
    """Accepts requests, and returns their results."""

    def __init__(
        self, runtime: "SageMakerRuntimeClient", store: RequestStore, endpoints: Sequence[Endpoint]
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._endpoints = {own.name: own for own in endpoints if own.asynchronous}

    def upload(self, request: Request) -> Reply:
        """Return a URL for uploading an input to S3, since API Gateway takes only small ones."""
        endpoint = self._endpoint(request)
        upload = self._store.new_id()
        key = self._store.input_key(endpoint.endpoint, upload)
        told = {
            "upload": upload,
            "url": self._store.upload_url(key, URL_SECONDS),
            "method": "PUT",
            "expires_seconds": URL_SECONDS,
            "max_bytes": GIB,
            "then": f"POST /async/{endpoint.name}?upload={upload}",
        }
        return as_json(201, told)

    def submit(self, request: Request) -> Reply:
        """Queue a request whose input is the body or an earlier upload."""
        endpoint = self._endpoint(request)
        request_id = self._store.new_id()
        upload = request.query.get("upload")
        key = self._store.input_key(endpoint.endpoint, upload or request_id)
        if upload is None:
            content_type = request.content_type
            self._store.put_input(key, request.body, content_type)
        else:
            content_type = self._uploaded(request, key, upload)
        self._store.save(request_id, self._queue(endpoint, request, key, content_type))
        # It is relative to /async/ENDPOINT: the path before it, as with a stage, is the caller's.
        headers = {"Location": request_id, "Retry_After": str(POLL_SECONDS)}
        return as_json(202, {"id": request_id, "state": "pending"}, **headers)

    def result(self, request: Request) -> Reply:
        """Return the state or the answer of a request."""
        request_id = request.parameters["id"]
        stored = self._store.load(request_id)
        if stored is None:
            raise Refusal(404, "UNKNOWN_REQUEST", "There is no request with this id, or no more.")
        found = self._store.find(stored.output)
        if found is None:
            return self._unfinished(request_id, stored)
        if found.size > MAX_ANSWER_BYTES:
            url = self._store.download_url(stored.output, URL_SECONDS)
            told = {"id": request_id, "state": "completed", "bytes": found.size, "url": url}
            return as_json(303, told, Location=url)
        body = self._store.read(stored.output)
        return Reply(200, body or b"", found.content_type or "application/octet-stream")

    def _endpoint(self, request: Request) -> Endpoint:
        name = request.parameters["id"]
        if name in self._endpoints:
            return self._endpoints[name]
        known = ", ".join(self._endpoints) or "none"
        raise Refusal(404, "UNKNOWN_ENDPOINT", f"No endpoint {name!r:.100} is async: {known}.")

    def _uploaded(self, request: Request, key: str, upload: str) -> str:
        """Check an upload; return its content type, which the request may override."""
        found = self._store.find(key) if ID.fullmatch(upload) else None
        if found is None:
            text = "Nothing was uploaded under this name. PUT the input to its url first."
            raise Refusal(404, "UNKNOWN_UPLOAD", text)
        if found.size > GIB:
            text = f"The input has {found.size} bytes; SageMaker takes {GIB}."
            raise Refusal(413, "INPUT_TOO_LARGE", text)
        return request.headers.get("content-type") or found.content_type

    def _queue(
        self, endpoint: Endpoint, request: Request, key: str, content_type: str
    ) -> StoredRequest:
        optional = {"Accept": request.accept, "CustomAttributes": custom_attributes(request)}
        try:
            queued = self._runtime.invoke_endpoint_async(
                EndpointName=endpoint.endpoint,
                InputLocation=self._store.uri(key),
                ContentType=content_type,
                RequestTTLSeconds=QUEUE_SECONDS,
                InvocationTimeoutSeconds=MODEL_SECONDS,
                **{name: value for name, value in optional.items() if value},
            )
        except (ClientError, BotoCoreError) as error:
            raise refusal(error, endpoint) from error
        output, failure = queued["OutputLocation"], queued["FailureLocation"]
        return StoredRequest(
            endpoint.name, self._store.key(output), self._store.key(failure), time.time()
        )

    def _unfinished(self, request_id: str, stored: StoredRequest) -> Reply:
        failure = self._store.read(stored.failure)
        if failure is not None:
            raise _failed(failure.decode("utf-8", "replace"))
        if age(stored) > QUEUE_SECONDS + MODEL_SECONDS:
            text = "SageMaker gave the request up: it waited or ran for too long. Send it again."
            raise Refusal(504, "EXPIRED", text)
        told = {"id": request_id, "state": "pending"}
        return as_json(202, told, Retry_After=str(POLL_SECONDS))


def _failed(reason: str) -> Refusal:
    """Return a client error for what the container refused, else a server error."""
    match = STATUS.search(reason)
    status = int(match[1]) if match else 500
    reason = reason[:2000]
    if 400 <= status < 500:
        return Refusal(status, "MODEL_REFUSED", reason)
    return Refusal(502, "MODEL_FAILED", f"The model failed: {reason}")
