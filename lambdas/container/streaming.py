"""Responses that are sent in pieces."""

import queue
from collections.abc import Callable
from dataclasses import dataclass, field

from serving.api.routing import Response

EVENTS = "text/event-stream"


@dataclass(slots=True)
class Stream(Response):
    """A response whose body comes later.

    Attributes:
        pieces: the pieces of the body; None ends it.
        close: called when nobody reads any longer.
    """

    pieces: "queue.SimpleQueue[bytes | None]" = field(default_factory=queue.SimpleQueue)
    close: Callable[[], None] = lambda: None

    def next(self) -> bytes | None:
        """Wait for the next piece."""
        return self.pieces.get()
