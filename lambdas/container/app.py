"""The container as an ASGI application: https://asgi.readthedocs.io/en/latest/specs/www.html.

A quick model answers in the event loop itself. All other requests, and bodies that take a while to
read, get a thread, so that pings are answered meanwhile.
"""

import asyncio
import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from container import asgi_messages
from container.asgi_messages import ClientGone, Message, Receive, Send
from container.hosted_models import DoesNotLoad, HostedModel, HostedModels
from container.sagemaker_routes import INVOCATIONS, PINGS, MultiModelRoutes, SingleModelRoutes
from container.settings import ContainerSettings, read
from container.streaming import Stream
from serving.api.application import Application, Request, Response
from serving.errors import ModelmountError, ModelUnavailable

logger = logging.getLogger(__name__)
THREADS = 128
QUICK_BODY_BYTES = 16 * 1024
MODEL = "model"
# SageMaker kills after 30 s, and requests get 25 s of them: a part of the rest.
GIVE_UP_SECONDS = 2.0
ALL_TAKEN = (
    b'{"error":{"code":"ALL_TAKEN","message":"All threads are taken by requests that never end."}}'
)
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
        self._begun: dict[asyncio.Future[Response], float] = {}
        self._hosted: HostedModel | None = None
        self._fault: BaseException | None = None  # the error that loading it raised
        self._application = Application(
            self._models.service,
            ask=self._models.ask,
            allowed_origins=settings.allowed_origins,
            max_answer_bytes=settings.max_payload_bytes,
            max_request_bytes=settings.max_payload_bytes,
        )
        if settings.multi_model:
            many = MultiModelRoutes(self._models)
            self._application.mount("ping", many)
            self._application.mount("models", many)
        else:
            one = SingleModelRoutes(self._the_model)
            for segment in ("ping", "health", "version", "invocations"):
                self._application.mount(segment, one)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            body = await asgi_messages.body(receive, self._settings.max_payload_bytes)
        except ClientGone:
            return
        request = asgi_messages.request(scope, body or b"")
        if body is None:
            response = self._refused(request, 413, TOO_LARGE)
        else:
            response = await self._respond(request)
        if isinstance(response, Stream):
            await self._stream(response, receive, send)
            return
        await asgi_messages.start(send, response)
        await send({"type": "http.response.body", "body": response.body})

    async def _respond(self, request: Request) -> Response:
        is_ping = request.path in PINGS
        if is_ping and self._hangs():
            return self._refused(request, 503, ALL_TAKEN)
        if is_ping or self._is_quick(request):
            return self._application.respond(request)
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._threads, self._application.respond, request)
        self._begun[answer] = time.monotonic()
        answer.add_done_callback(self._begun.pop)
        return await answer

    def _refused(self, request: Request, status: int, body: bytes) -> Response:
        response = Response(status, body, {"content-type": "application/json"})
        self._application.allow_origin(response, request)
        return response

    def _hangs(self) -> bool:
        """Whether every thread is taken by a request that goes on for longer than any may."""
        longest = time.monotonic() - self._settings.predict_seconds - GIVE_UP_SECONDS
        return sum(begun < longest for begun in self._begun.values()) >= THREADS

    def _is_quick(self, request: Request) -> bool:
        if request.header("content-encoding"):  # unpacked it may be large
            return False
        hosted = self._hosted if request.path == INVOCATIONS else self._named(request.path)
        return hosted is not None and len(request.body) < QUICK_BODY_BYTES and hosted.is_quick()

    def _named(self, path: str) -> HostedModel | None:
        if not (self._settings.multi_model and path.endswith("/invoke")):
            return None
        try:
            return self._models.get(path.split("/")[2])
        except ModelmountError:
            return None

    async def _stream(self, response: Stream, receive: Receive, send: Send) -> None:
        """Send pieces as they come; when the client goes, stop making them."""
        loop = asyncio.get_running_loop()
        gone = asyncio.create_task(asgi_messages.close_when_gone(response, receive))
        try:
            await asgi_messages.start(send, response)
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
                self._threads.shutdown(wait=False, cancel_futures=True)
                _end_soon()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _load(self) -> None:
        """Load the one model; every ping tells the error that loading it raised."""
        try:
            self._hosted = self._models.load(MODEL, self._settings.model_dir)
        except BaseException as error:  # a script's sys.exit among them
            logger.exception("the model doesn't load")
            self._fault = error
        else:
            logger.info("the model is loaded")

    def _the_model(self) -> HostedModel:
        if self._hosted is not None:
            return self._hosted
        if self._fault is not None:
            raise DoesNotLoad(_told(self._fault)) from self._fault
        raise ModelUnavailable("The model is being loaded.")


def create() -> Container:
    """Build the application from the environment; the server calls this in each worker."""
    settings = read()
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
    settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    return Container(settings)


def _told(fault: BaseException) -> str:
    """Describe an error; a foreign one may say nothing without its type."""
    return str(fault) if isinstance(fault, ModelmountError) else f"{type(fault).__name__}: {fault}"


def _end_soon() -> None:
    """End this process soon: a request that was given up may never end, and Python waits for it."""
    timer = threading.Timer(GIVE_UP_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()
