"""`/invocations` of a text generator: whole answers, or text as it is made."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec
import torch

from container.generation import parameters
from container.generation.decoding import Job
from container.generation.generator import Generator
from container.generation.parameters import Body, Generated, Piece
from container.generation.placement import place
from container.settings import ContainerSettings
from container.streaming import EVENTS, Stream
from serving.api.contract import Error, ErrorResponse
from serving.api.protocols.media import media_type
from serving.api.routing import JSON, Request, Response, Route
from serving.errors import UnsupportedMediaType

_encode = msgspec.json.encode


class Routes:
    """`/invocations` of one generator."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.routes = (Route("/invocations", POST=self._invoke),)

    def error_body(self, error: Error) -> ErrorResponse:
        """Return code, text, field and id."""
        return ErrorResponse(error)

    def _invoke(self, request: Request, _: Mapping[str, str]) -> Response:
        kind = media_type(request.header("content-type") or JSON)
        if kind != JSON:
            text = f"{kind!r:.100} can't be read; send {JSON}."
            raise UnsupportedMediaType(text, field="Content-Type")
        asked = parameters.decode(request.body)
        job = self._generator.job(asked)
        if asked.parameters.stream:
            return self._stream(asked, job)
        return Response(200, _encode(self._generated(asked, job)), {"content-type": JSON})

    def _generated(self, asked: Body, job: Job) -> Generated:
        before = asked.text if asked.parameters.return_full_text else ""
        grown = self._generator.run(job)
        tokens = [each.tokens for each in grown] if asked.parameters.return_tokens else None
        return Generated([before + each.text for each in grown], tokens)

    def _stream(self, asked: Body, job: Job) -> Stream:
        """Answer with an event for each piece of text, and a last one with the whole answer."""

        def cancel() -> None:
            job.is_cancelled = True

        stream = Stream(200, b"", {"content-type": EVENTS, "cache-control": "no-store"})
        stream.close = cancel
        job.on_text = lambda index, text: stream.pieces.put(_event(Piece(index, text)))

        def work() -> None:
            try:
                stream.pieces.put(_event(self._generated(asked, job)))
            except Exception as error:
                told = Error("INTERNAL_ERROR", f"Generating failed: {type(error).__name__}.")
                stream.pieces.put(_event(ErrorResponse(told)))
                raise
            finally:
                stream.pieces.put(None)

        threading.Thread(target=work, name="stream", daemon=True).start()
        return stream


def load(folder: Path, settings: ContainerSettings) -> Routes:
    """Load a generator onto the device of this process."""
    device, dtype = place(settings.scratch_dir)
    processors = len(os.sched_getaffinity(0))
    torch.set_num_threads(settings.threads or max(1, processors // (settings.workers or 1)))
    generator = Generator(
        folder,
        device,
        dtype,
        most=settings.max_batch,
        delay_seconds=settings.max_batch_delay,
    )
    return Routes(generator)


def _event(told: object) -> bytes:
    """Write a server-sent event: https://html.spec.whatwg.org/multipage/server-sent-events.html."""
    return b"data: " + _encode(told) + b"\n\n"
