"""The S3 endpoint: passes every request to the S3 server, and sends the bucket's notifications.

moto's own notifications lack fields that AWS sends: version id, sequencer, encoded key. The proxy
builds them from the finished request and its answer. Uploads are verified before they go on, by
the checksums that come with them. Other bodies are streamed both ways.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote
from weakref import WeakValueDictionary

from aiohttp import ClientResponse, ClientSession, ClientTimeout, web
from multidict import CIMultiDict
from yarl import URL

from local.assembly.resources.bucket import Bucket
from local.s3.addressing import form_upload_key, split_path
from local.s3.authorization import moto_authorization
from local.s3.errors import S3Error
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
from local.s3.forwarding import (
    CHUNK_BYTES,
    end_to_end_headers,
    read_body,
    read_response,
    stream_body,
)
from local.s3.multipart_checksums import MultipartChecksums, check_begun
from local.s3.received_body import ReceivedBody, pieces, receive

Invoke = Callable[[str, bytes], None]
Body = AsyncIterator[bytes] | bytes | None


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
        self._multipart = MultipartChecksums()
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
        try:
            return await self._handle(request)
        except S3Error as error:
            return error.answer()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
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
        async with self._forward(request, await read_body(request)) as answer:
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
        is_copy = "x-amz-copy-source" in request.headers
        if request.method == "PUT" and not is_copy and (name or "partNumber" in request.query):
            received = await receive(request)
            with received.file:
                body, headers = pieces(received.file), received.headers(request)
                return await self._store(request, bucket, key, name, body, headers, received)
        if request.method == "POST" and "uploads" in request.query:
            check_begun(request.headers)
        if name is None:
            return await self._pass_through(request)
        whole = b"".join([chunk async for chunk in stream_body(request)])
        upload = request.query.get("uploadId")
        if upload is not None:
            self._multipart.check_completed(upload, request.headers, whole)
        headers = end_to_end_headers(request.headers)
        return await self._store(request, bucket, key, name, whole, headers)

    async def _store(
        self,
        request: web.BaseRequest,
        bucket: Bucket,
        key: str,
        name: str | None,
        body: Body,
        headers: CIMultiDict[str],
        part: ReceivedBody | None = None,
    ) -> web.StreamResponse:
        """Passes a write on, and tells of it if it has an event's name."""
        # One write of a key at a time: the order of the sequencers is that of the versions.
        lock = self._key_locks.setdefault((bucket.name, key), asyncio.Lock())
        async with lock, self._forward(request, body, headers) as answer:
            response = await read_response(answer)
            upload = request.query.get("uploadId")
            if answer.ok and name is not None:
                self._multipart.forget(upload or "")
                event = await self._describe(name, bucket, key, request, answer)
                self._notify(request, bucket, event)
            elif answer.ok and part is not None and upload is not None:
                self._multipart.note(upload, request.query["partNumber"], part)
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
        self, request: web.BaseRequest, body: Body, headers: CIMultiDict[str] | None = None
    ) -> AsyncIterator[ClientResponse]:
        url = URL(self._upstream + request.raw_path, encoded=True)
        async with self._session.request(
            request.method,
            url,
            headers=end_to_end_headers(request.headers) if headers is None else headers,
            data=body,
            allow_redirects=False,
        ) as answer:
            yield answer
