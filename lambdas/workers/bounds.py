"""The bounds of a worker: time, memory, and the size of its answers."""

from typing import NamedTuple

MIB = 1024 * 1024
# What a worker may take beyond its model's own memory, where nothing else is said.
MEMORY_BYTES = 2048 * MIB
ANSWER_BYTES = 25 * MIB
# Address space that a library's allocator takes at once and mostly never touches. The kernel's
# bound counts it: measured with CatBoost 1.2, 1,024 MiB.
RESERVED_BYTES = {"catboost": 1100 * MIB}


class Bounds(NamedTuple):
    """The bounds of every worker.

    Attributes:
        seconds: most time for one answer; loading the model counts where the caller set it off.
        load_seconds: most time for loading, where that may take longer than an answer; None for
            the same time.
        memory_bytes: most private memory of one worker, in addition to its parent's.
        process_bytes: most memory of this process and all workers together; None for no bound.
        answer_bytes: the largest answer that the platform carries.
    """

    seconds: float = 20.0
    memory_bytes: int = MEMORY_BYTES
    process_bytes: int | None = None
    answer_bytes: int = ANSWER_BYTES
    load_seconds: float | None = None
