"""Frames over a socket: a JSON header and a body of bytes, each with its length in front.

A worker is trusted with nothing: lengths are checked before memory is taken, and every wait ends
at a deadline of the monotonic clock.
"""

import select
import socket
import struct
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

LENGTHS = struct.Struct("<IQ")
CHUNK_BYTES = 256 * 1024
# Bytes that the first part of a frame is read with; most frames end within it.
FIRST_BYTES = 64 * 1024
# How often who waits looks at what it waits for.
WATCH_SECONDS = 0.1
WATCH_TIME = struct.pack("@ll", 0, int(WATCH_SECONDS * 1e6))  # the kernel's `struct timeval`


class FrameError(Exception):
    """The other side sent what no frame begins with, or a larger one than it may."""


class Gone(Exception):
    """The other side has closed the connection."""


class Wait(NamedTuple):
    """How to wait for the other side.

    Attributes:
        deadline: the end, by the monotonic clock; None for none.
        watch: called every `WATCH_SECONDS` meanwhile; what that raises ends the wait.
    """

    deadline: float | None
    watch: Callable[[], None]


FOREVER = Wait(None, lambda: None)


class Connection:
    """One side of a connection between a worker and the process that asks it."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._closing = weakref.finalize(self, connected.close)  # at the latest
        self._poll = select.poll()
        self._poll.register(connected, select.POLLIN)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            connected.setsockopt(socket.SOL_SOCKET, option, CHUNK_BYTES)

    def watch(self) -> None:
        """Have the kernel end each wait of this side after `WATCH_SECONDS`.

        A time-out of Python's would take two more system calls for each part of a frame.
        """
        self._socket.settimeout(None)
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, WATCH_TIME)

    def close(self) -> None:
        """Close this side; the other one notices."""
        self._closing()

    def is_quiet(self) -> bool:
        """Whether the other side is there and has sent nothing."""
        return not self._poll.poll(0)

    def send(self, header: bytes, body: Sequence[bytes | memoryview], wait: Wait = FOREVER) -> None:
        """Send a frame; raises `Gone`, or `TimeoutError` after the deadline."""
        size = sum(map(len, body))
        left: list[Any] = [LENGTHS.pack(len(header), size) + header, *body]
        size += LENGTHS.size + len(header)
        sent = self._do(self._socket.sendmsg, left, wait)
        if sent != size:
            self._send_rest([memoryview(part) for part in left], sent, wait)

    def receive(self, most: int, wait: Wait = FOREVER) -> tuple[bytes, memoryview]:
        """Receive a frame of at most so many bytes: its header and its body.

        Raises:
            Gone: the other side closed.
            FrameError: it sent something else, or more.
            TimeoutError: not all came before the deadline.
        """
        first = self._some(wait)
        while len(first) < LENGTHS.size:
            first += self._some(wait)
        header_size, body_size = LENGTHS.unpack_from(first)
        begin = LENGTHS.size + header_size
        size = begin + body_size
        if size > most:
            raise FrameError(f"a frame of {size} bytes; allowed are {most}")
        if len(first) > size:
            raise FrameError("more than one frame")
        frame = first if len(first) == size else self._rest(first, size, wait)
        return bytes(frame[LENGTHS.size : begin]), memoryview(frame)[begin:]

    def _send_rest(self, left: list[memoryview], sent: int, wait: Wait) -> None:
        while True:
            while left and sent >= len(left[0]):
                sent -= len(left.pop(0))
            if not left:
                return
            left[0] = left[0][sent:]
            sent = self._do(self._socket.sendmsg, left, wait)

    def _some(self, wait: Wait) -> bytes:
        data: bytes = self._do(self._socket.recv, FIRST_BYTES, wait)
        if not data:
            raise Gone
        return data

    def _rest(self, first: bytes, size: int, wait: Wait) -> bytearray:
        frame = bytearray(size)
        frame[: len(first)] = first
        left = memoryview(frame)[len(first) :]
        while left:
            count = self._do(self._socket.recv_into, left, wait)
            if not count:
                raise Gone
            left = left[count:]
        return frame

    def _do(self, operation: Callable[[Any], Any], argument: Any, wait: Wait) -> Any:
        """Call an operation of the socket until it is done, or the deadline has passed."""
        deadline = wait.deadline
        try:
            while True:
                try:
                    if deadline is None or deadline - time.monotonic() > WATCH_SECONDS:
                        return operation(argument)
                    return self._do_last(operation, argument, deadline)
                except BlockingIOError:  # after so long
                    wait.watch()
        except TimeoutError:
            raise
        except OSError as error:
            raise Gone(str(error)) from error

    def _do_last(self, operation: Callable[[Any], Any], argument: Any, deadline: float) -> Any:
        """Call an operation for what is left until the deadline."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        try:
            return operation(argument)
        finally:
            self._socket.settimeout(None)
