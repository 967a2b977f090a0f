"""Runs moto's server for S3, SQS and SNS, and keeps its buckets and queues on the disk.

`python -m local.s3.moto_server <folder>` prints its port.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import moto.s3.models
import moto.s3.responses
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from local.s3 import checksums
from local.s3.durable_state import DurableState

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
READING_METHODS = ("GET", "HEAD", "OPTIONS")


def durable(application: WsgiApplication, state: DurableState) -> WsgiApplication:
    """Wraps moto: a request's changes are on the disk before its answer leaves."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] not in READING_METHODS:
            state.commit(environ["RAW_URI"], environ.get("HTTP_HOST", ""))
        return body

    return answer


def main() -> None:
    """Serves until SIGTERM."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    # moto's own falls back to CRC32 for what it has no library for.
    for module in (moto.s3.models, moto.s3.responses):
        vars(module).update(compute_checksum=checksums.compute)
    state = DurableState(Path(sys.argv[1]))
    state.load()
    application = durable(DomainDispatcherApplication(create_backend_app), state)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    stop.wait()
    server.shutdown()
    state.close()


if __name__ == "__main__":
    main()
