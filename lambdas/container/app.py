"""The container as an ASGI application: https://asgi.readthedocs.io/en/latest/specs/www.html.

A quick model answers in the event loop itself. Everything else, and every body that takes a while
to read, gets a thread, so that pings are answered meanwhile.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from container.fronts import INVOCATIONS, ManyModels, OneModel
from container.models import Hosted, HostedModels
from container.settings import ContainerSettings, read
from container.streaming import Stream
from serving.errors import ModelmountError, ModelUnavailable
from serving.http import Application, Request, Response

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)
THREADS = 64
QUICK_BODY_BYTES = 16 * 1024
PING = "/ping"
MODEL = "model"
TOO_LARGE = (
    b'{"error":{"code":"REQUEST_TOO_LARGE","message":"The body is larger than '
    b'MODELMOUNT_MAX_PAYLOAD_BYTES allows."}}'
)


class Container:
    """An ASGI application for one model, or for those that SageMaker loads."""

    def __init__(self, settings: ContainerSettings) -> None:
        self._settings = settings
        self._models = HostedModels(settings)
        self._threads = ThreadPoolExecutor(THREADS, "request")
        self._hosted: Hosted | None = None
        self._reason = "The model is being loaded."  # why there is none
        self._application = Application(
            self._models.service,
            allowed_origins=(),
            max_answer_bytes=settings.max_payload_bytes,
        )
        if settings.multi_model:
            many = ManyModels(self._models)
            self._application.mount("ping", many)
            self._application.mount("models", many)
        else:
            one = OneModel(self._the_model)
            self._application.mount("ping", one)
            self._application.mount("invocations", one)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = await _body(receive, self._settings.max_payload_bytes)
        if body is None:
            response = Response(413, TOO_LARGE, {"content-type": "application/json"})
        else:
            response = await self._respond(_request(scope, body))
        if isinstance(response, Stream):
            await self._stream(response, receive, send)
            return
        await _start(send, response)
        await send({"type": "http.response.body", "body": response.body})

    async def _respond(self, request: Request) -> Response:
        if request.path == PING or self._is_quick(request):
            return self._application.respond(request)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._application.respond, request)

    def _is_quick(self, request: Request) -> bool:
        hosted = self._hosted if request.path == INVOCATIONS else self._named(request.path)
        return hosted is not None and len(request.body) < QUICK_BODY_BYTES and hosted.is_quick()

    def _named(self, path: str) -> Hosted | None:
        if not (self._settings.multi_model and path.endswith("/invoke")):
            return None
        try:
            return self._models.get(path.split("/")[2])
        except ModelmountError:
            return None

    async def _stream(self, response: Stream, receive: Receive, send: Send) -> None:
        """Send pieces as they come; when the client goes, so does what makes them."""
        loop = asyncio.get_running_loop()
        gone = asyncio.create_task(_close_when_gone(response, receive))
        try:
            await _start(send, response)
            while (piece := await loop.run_in_executor(self._threads, response.next)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            response.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                if not self._settings.multi_model:
                    threading.Thread(target=self._load, name="load", daemon=True).start()
                await send({"type": "lifespan.startup.complete"})
            else:
                self._threads.shutdown(wait=False)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _load(self) -> None:
        """Load the one model; what keeps it from that is told by every ping."""
        try:
            self._hosted = self._models.load(MODEL, self._settings.model_dir)
        except Exception as error:
            logger.exception("the model doesn't load")
            self._reason = f"The model doesn't load: {error}"
        else:
            logger.info("the model is loaded")

    def _the_model(self) -> Hosted:
        if self._hosted is None:
            raise ModelUnavailable(self._reason)
        return self._hosted


def create() -> Container:
    """Build the application from the environment; what the server calls in each worker."""
    settings = read()
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
    settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    return Container(settings)


def _request(scope: Message, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], scope["raw_path"].decode("ascii"), headers, body)


async def _body(receive: Receive, limit: int) -> bytes | None:
    """Read the body; None where it is larger than the limit, having read all of it."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= limit else None
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
    return b"".join(parts) if size <= limit else None


async def _close_when_gone(response: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    response.close()


async def _start(send: Send, response: Response) -> None:
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    if not isinstance(response, Stream):
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
