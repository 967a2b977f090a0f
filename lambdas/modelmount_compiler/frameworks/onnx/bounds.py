"""Bounds of what ONNX Runtime may take for an answer: time, memory, and numbers in the answer."""

import functools
import os
import resource
import threading
import time
from collections.abc import Callable
from typing import Any

import onnxruntime as ort

from modelmount_compiler.errors import InputMismatch

# API Gateway waits for 29 s: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
MOST_SECONDS = 25.0
LOOKS_EACH = 0.5  # seconds between two looks at the clock
# As JSON they are more than any way out carries, and as Python's numbers more than 100 MB.
MOST_NUMBERS = 4_000_000
MEMORY_SHARE = 0.75  # of the function's memory, for all sessions together
MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
MEMORY_WITHOUT_LIMIT = 4 * 2**30
SAME_AS_REQUESTED = 1  # how the arena grows


class Runs:
    """Ends runs of sessions that take too long; one thread looks after all of a process."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[float, ort.RunOptions]] = {}
        self._watcher: tuple[int, threading.Thread] | None = None

    def run(self, call: Callable[[ort.RunOptions], list[Any]]) -> list[Any]:
        """Run a session: `call` does that, with the options that it is given.

        Raises:
            InputMismatch: it took longer than `MOST_SECONDS`.
        """
        options = ort.RunOptions()
        ends = time.monotonic() + MOST_SECONDS
        self._running[id(options)] = (ends, options)
        self._watch()
        try:
            return call(options)
        except Exception as error:
            if options.terminate:
                raise InputMismatch(
                    f"The model took longer than {MOST_SECONDS:.0f} s for these instances. Send "
                    "fewer, or smaller numbers.",
                    field="$.instances",
                ) from error
            raise
        finally:
            del self._running[id(options)]

    def _watch(self) -> None:
        """Start the watching thread, once in each process."""
        pid = os.getpid()
        if self._watcher is None or self._watcher[0] != pid:  # a fork takes no threads along
            self._watcher = (pid, threading.Thread(target=self._look, daemon=True))
            self._watcher[1].start()

    def _look(self) -> None:
        while True:
            time.sleep(LOOKS_EACH)
            now = time.monotonic()
            for ends, options in list(self._running.values()):
                if now > ends:
                    options.terminate = True


RUNS = Runs()


def bound_memory(options: ort.SessionOptions) -> None:
    """Make a session take its memory from the arena that all sessions of the process share."""
    _make_arena()
    options.add_session_config_entry("session.use_env_allocators", "1")


@functools.cache
def _make_arena() -> None:
    info = ort.OrtMemoryInfo(
        "Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT
    )
    settings = {"max_mem": memory_bytes(), "arena_extend_strategy": SAME_AS_REQUESTED}
    ort.create_and_register_allocator(info, ort.OrtArenaCfg(settings))


def memory_bytes() -> int:
    """Return the most memory that sessions may take, from the limit of the process."""
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    megabytes = int(os.environ.get(MEMORY_VARIABLE, "0"))
    if limit == resource.RLIM_INFINITY:
        limit = megabytes * 2**20 or MEMORY_WITHOUT_LIMIT
    return int(limit * MEMORY_SHARE)


def check_answer(rows: int, width: int) -> None:
    """Require that an answer of so many rows isn't too large; raises `InputMismatch`."""
    if rows * width > MOST_NUMBERS:
        most = max(MOST_NUMBERS // width, 1)
        raise InputMismatch(
            f"The model gives {width:,} numbers for each instance, and an answer holds "
            f"{MOST_NUMBERS:,} at most: send up to {most:,} instances at once.",
            field="$.instances",
        )


def check_all(i: int, numbers: int, seconds: float) -> None:
    """Require that the answers up to the instance `i` are neither too large nor too slow.

    Raises:
        InputMismatch: they are.
    """
    if numbers > MOST_NUMBERS or seconds > MOST_SECONDS:
        what = f"{MOST_NUMBERS:,} numbers" if numbers > MOST_NUMBERS else f"{MOST_SECONDS:.0f} s"
        raise InputMismatch(
            f"The answers to the first {i + 1} instances take more than {what}: send fewer.",
            field="$.instances",
        )
