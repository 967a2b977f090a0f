"""The memory that models may take: by their sizes, and by the size of the whole process."""

import gc

from container.hardware import MIB
from serving.cache import memory

# Memory that Python, the server and a request need beside the models.
RESERVED_MB = 512
# The part of it that other processes take: the supervisor of several workers, and the kernel.
FOREIGN_MB = 128


class OutOfMemory(Exception):
    """Memory doesn't suffice for another model; unloading one may help."""


class MemoryBudget:
    """The memory budget of a container with so many MiB.

    Attributes:
        size: bytes that all models may take together.
        limit: bytes that the process may take.
    """

    def __init__(self, memory_mb: int) -> None:
        self.size = max(memory_mb - RESERVED_MB, memory_mb // 4) * MIB
        # Sizes alone count where the container has less memory than the server itself needs.
        self.limit = max(memory_mb - FOREIGN_MB, RESERVED_MB) * MIB
        self._excess = memory.Limit(self.limit)

    def check(self, size: int, used: int) -> int:
        """Return the size of a model for which there is room beside those that use so many bytes.

        Raises:
            OutOfMemory: there is none.
        """
        if used + size > self.size:
            free = f"{self.size - used} of {self.size}"
            raise OutOfMemory(f"The model needs {size} bytes, and {free} are free.")
        if self._excess(size) > 0:
            gc.collect()  # an unloaded model may be in a cycle of references
            memory.trim()
        if (excess := self._excess(size)) > 0:
            raise OutOfMemory(
                f"With the model's {size} bytes the process would take {excess} too many, whatever "
                "the models in it are said to take."
            )
        return size
