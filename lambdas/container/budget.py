"""What models may take of the container's memory: by their sizes, and by what the process takes."""

import gc

from container.machine import MIB
from serving.cache import memory

# What Python, the server and a request need beside the models.
RESERVED_MB = 512
# Of that, what isn't this process: the supervisor of several, and the kernel's.
FOREIGN_MB = 128


class OutOfMemory(Exception):
    """Memory doesn't suffice for another model; unloading one may help."""


class Budget:
    """The budget of a container with so many MiB.

    Attributes:
        size: bytes that models may have together.
        limit: bytes that the process may take.
    """

    def __init__(self, memory_mb: int) -> None:
        self.size = max(memory_mb - RESERVED_MB, memory_mb // 4) * MIB
        # Where there is less than the server itself needs, sizes alone count.
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
            gc.collect()  # what was unloaded may be in a cycle of references
            memory.trim()
        if (excess := self._excess(size)) > 0:
            raise OutOfMemory(
                f"With the model's {size} bytes the process would take {excess} too many, whatever "
                "the models in it are said to take."
            )
        return size
