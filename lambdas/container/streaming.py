"""Answers in pieces, as they come."""

import queue
from collections.abc import Callable
from dataclasses import dataclass, field

from serving.api.routing import Response

EVENTS = "text/event-stream"


@dataclass(slots=True)
class Stream(Response):
    """An answer whose body comes later.

    Attributes:
        pieces: what is to be sent; None ends it.
        close: called when nobody reads any longer.
    """

    pieces: "queue.SimpleQueue[bytes | None]" = field(default_factory=queue.SimpleQueue)
    close: Callable[[], None] = lambda: None

    def next(self) -> bytes | None:
        """Wait for the next piece."""
        return self.pieces.get()
