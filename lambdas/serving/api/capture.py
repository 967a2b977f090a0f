"""Data capture: a sample of requests and answers as JSON Lines on standard output.

On Lambda, standard output is the log stream: the only way out of a network without gateways. A
captured request is written after its answer is complete and before it is handed over, since
nothing runs later there. An unsampled request costs a checksum of its id.
"""

import logging
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import NamedTensors
from modelmount_compiler.instances.json_values import to_json_values
from serving.api import contract, raw_bodies
from serving.api.application import Application
from serving.api.exchanges import Exchange, recording
from serving.api.redaction import Redaction
from serving.api.routing import Request, Response
from serving.service.query import Answer, Query

logger = logging.getLogger(__name__)

# Bytes of a line beside instances and predictions. Escapes may double the length of names.
HEAD_BYTES = 1024
ROWS_AT_ONCE = 64
Raw = msgspec.Raw


class Record(msgspec.Struct, kw_only=True):
    """A line; docs/capture.md describes the fields."""

    type: str = "capture"
    time: str
    request_id: str
    model: str
    version: str | None
    method: str
    status: int
    ms: float
    count: int
    truncated: bool
    instances: Raw
    predictions: Raw


class Capture:
    """Captures `percent` of an application's requests.

    Args:
        application: asks by an `Ask` that `exchanges.recorded` wrapped.
        max_bytes: the size of a line; instances that don't fit are left out, and the line says so.
        write: called with each line.
    """

    def __init__(
        self,
        application: Application,
        *,
        percent: float,
        redaction: Redaction,
        max_bytes: int,
        write: Callable[[str], None] | None = None,
    ) -> None:
        self._application = application
        self._threshold = round(percent / 100 * 2**32)
        self._redaction = redaction
        self._max_bytes = max_bytes
        self._write = write or _print
        self._failed = False

    def takes(self, request_id: str) -> bool:
        """Whether the request of this id is captured; the id alone decides."""
        return zlib.crc32(request_id.encode(errors="replace")) < self._threshold

    def respond(self, request: Request, request_id: str) -> Response:
        """Answer a request, and capture it where its id is sampled."""
        if not self.takes(request_id):
            return self._application.respond(request)
        begun = time.perf_counter()
        with recording() as exchanges:
            response = self._application.respond(request)
        ms = round((time.perf_counter() - begun) * 1e3, 3)
        try:
            for exchange in exchanges:
                self._write(self._line(exchange, request_id, response.status, ms))
        except Exception as error:
            self._log_failure(error)
        return response

    def _line(self, exchange: Exchange, request_id: str, status: int, ms: float) -> str:
        query, answer = exchange.query, exchange.answer
        instances, predictions = self._pairs(query, answer) if answer else ([], [])
        model, version = exchange.names()
        record = Record(
            time=datetime.now(UTC).isoformat(timespec="milliseconds"),
            request_id=request_id,
            model=model,
            version=version,
            method=query.method,
            status=status,
            ms=ms,
            count=len(query.batch),
            truncated=answer is not None and len(instances) < len(query.batch),
            instances=_list(instances),
            predictions=_list(predictions),
        )
        return contract.encode(record).decode()

    def _pairs(self, query: Query, answer: Answer) -> tuple[list[bytes], list[bytes]]:
        """Encode instances and predictions, as many as fit."""
        left = self._max_bytes - HEAD_BYTES
        instances: list[bytes] = []
        predictions: list[bytes] = []
        for instance, prediction in self._rows(query, answer):
            pair = contract.encode(instance), contract.encode(prediction)
            left -= len(pair[0]) + len(pair[1]) + 2
            if left < 0:
                break
            instances.append(pair[0])
            predictions.append(pair[1])
        return instances, predictions

    def _rows(self, query: Query, answer: Answer) -> Iterator[tuple[Any, Any]]:
        signature = answer.manifest.description.signature
        if isinstance(query.batch, NamedTensors):
            if raw_bodies.is_raw(answer.manifest):
                return  # nothing says which of its bytes are to be kept out
            answers = map(to_json_values, answer.result)
            named = dict(zip(query.batch.outputs, answers, strict=True))
            (instance,) = self._redaction.instances(query.batch, signature, slice(1))
            yield instance, self._redaction.predictions([named])[0]
            return
        for start in range(0, len(query.batch), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            predictions = outputs.rows(outputs.part(answer.result, part))
            yield from zip(
                self._redaction.instances(query.batch, signature, part),
                self._redaction.predictions(predictions),
                strict=True,
            )

    def _log_failure(self, error: Exception) -> None:
        """Log once that capture fails: by the type alone, as a text may quote the payload."""
        if not self._failed:
            self._failed = True
            logger.error("requests can't be captured: %s", type(error).__name__)


def _list(items: list[bytes]) -> Raw:
    return Raw(b"[" + b",".join(items) + b"]")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
