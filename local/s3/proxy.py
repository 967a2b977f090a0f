"""The S3 endpoint: passes every request to the S3 server, and sends the bucket's notifications.

moto's own notifications lack fields that AWS sends: version id, sequencer, encoded key. The proxy
builds them from the finished request and its answer. It streams bodies both ways.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote
from weakref import WeakValueDictionary

from aiohttp import ClientResponse, ClientSession, ClientTimeout, web
from yarl import URL

from local.assembly.resources.bucket import Bucket
from local.s3.addressing import form_upload_key, split_path
from local.s3.authorization import moto_authorization
from local.s3.event_notifications import (
    ObjectEvent,
    RequestOrigin,
    Sequencer,
    batch_removal_events,
    build_notification_event,
    event_name,
    matching_notifications,
    removal_event,
)
from local.s3.forwarding import CHUNK_BYTES, end_to_end_headers, read_response, stream_body

Invoke = Callable[[str, bytes], None]


class S3Proxy:
    """A proxy in front of the S3 server at `upstream`.

    Args:
        invoke: called with a function's ARN and an event.
    """

    def __init__(
        self, upstream: str, buckets: Mapping[str, Bucket], invoke: Invoke, region: str
    ) -> None:
        self._upstream = upstream
        self._buckets = buckets
        self._invoke = invoke
        self._region = region
        self._sequencer = Sequencer()
        self._key_locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._session: ClientSession

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Holds the connections to the S3 server."""
        timeout = ClientTimeout(total=None, sock_connect=10)
        async with ClientSession(
            timeout=timeout, auto_decompress=False, read_bufsize=CHUNK_BYTES
        ) as self._session:
            yield

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers any request to S3, SQS or SNS."""
        bucket_name, key = split_path(request.raw_path, request.host, self._buckets)
        bucket = self._buckets.get(bucket_name)
        if bucket is None or request.method in ("GET", "HEAD"):
            return await self._pass_through(request)
        if key:
            return await self._write(request, bucket, key)
        if request.method == "POST":
            return await self._post(request, bucket)
        return await self._pass_through(request)

    async def _pass_through(self, request: web.BaseRequest) -> web.StreamResponse:
        body = stream_body(request) if request.body_exists else None
        async with self._forward(request, body) as answer:
            response = web.StreamResponse(
                status=answer.status, headers=end_to_end_headers(answer.headers)
            )
            await response.prepare(request)
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                await response.write(chunk)
            await response.write_eof()
            return response

    async def _write(
        self, request: web.BaseRequest, bucket: Bucket, key: str
    ) -> web.StreamResponse:
        name = event_name(request.method, request.query, request.headers)
        if name is None:
            return await self._pass_through(request)
        # One write of a key at a time: the order of the sequencers is that of the versions.
        lock = self._key_locks.setdefault((bucket.name, key), asyncio.Lock())
        async with lock:
            body = stream_body(request) if request.body_exists else None
            async with self._forward(request, body) as answer:
                response = await read_response(answer)
                if answer.ok:
                    event = await self._describe(name, bucket, key, request, answer)
                    self._notify(request, bucket, event)
        return response

    async def _describe(
        self, name: str, bucket: Bucket, key: str, request: web.BaseRequest, answer: ClientResponse
    ) -> ObjectEvent:
        version = answer.headers.get("x-amz-version-id")
        if name.startswith("ObjectRemoved"):
            marker = answer.headers.get("x-amz-delete-marker") == "true"
            plain = marker and "versionId" not in request.query
            return removal_event(key, version or request.query.get("versionId"), marker=plain)
        return await self._created(name, bucket, key, version)

    async def _created(
        self, name: str, bucket: Bucket, key: str, version: str | None
    ) -> ObjectEvent:
        path = f"{self._upstream}/{bucket.name}/{quote(key)}"
        url = URL(path + (f"?versionId={version}" if version else ""), encoded=True)
        headers = {"Authorization": moto_authorization("s3", self._region)}
        async with self._session.head(url, headers=headers, raise_for_status=True) as answer:
            found = answer.headers
        etag, size = found["ETag"].strip('"'), int(found["Content-Length"])
        return ObjectEvent(name, key, version or found.get("x-amz-version-id"), etag, size)

    async def _post(self, request: web.BaseRequest, bucket: Bucket) -> web.StreamResponse:
        """Answers DeleteObjects, or a browser's form upload."""
        body = b"".join([chunk async for chunk in stream_body(request)])
        async with self._forward(request, body) as answer:
            answer_body = await answer.read()
            response = await read_response(answer)
            if answer.ok and "delete" in request.query:
                for event in batch_removal_events(answer_body):
                    self._notify(request, bucket, event)
            elif answer.ok and request.content_type == "multipart/form-data":
                key = form_upload_key(request.headers["Content-Type"], body)
                event = await self._created("ObjectCreated:Post", bucket, key, None)
                self._notify(request, bucket, event)
        return response

    def _notify(self, request: web.BaseRequest, bucket: Bucket, event: ObjectEvent) -> None:
        sequencer = self._sequencer.next()
        origin = RequestOrigin(request.remote or "127.0.0.1", sequencer)
        for notification in matching_notifications(bucket, event):
            record = build_notification_event(bucket, event, origin, sequencer, self._region)
            self._invoke(notification.function_arn, json.dumps(record).encode())

    @asynccontextmanager
    async def _forward(
        self, request: web.BaseRequest, body: AsyncIterator[bytes] | bytes | None
    ) -> AsyncIterator[ClientResponse]:
        url = URL(self._upstream + request.raw_path, encoded=True)
        async with self._session.request(
            request.method,
            url,
            headers=end_to_end_headers(request.headers),
            data=body,
            allow_redirects=False,
        ) as answer:
            yield answer
