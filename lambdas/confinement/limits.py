"""What a confined process may take, and what of it was enforced."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a confined process may take and reach.

    Attributes:
        memory_bytes: the most private memory (RLIMIT_DATA); shared memory of its own is refused.
        readable: files and folders that it may read besides the system's and Python's own.
        writable: folders in which it may also make, change and delete files.
        processes: how many processes it may start; 0 also refuses to start other programs.
        file_bytes: the most bytes of each file that it writes.
        open_files: the most files that it has open.
        network: whether it may open sockets.
    """

    memory_bytes: int
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    processes: int = 0
    file_bytes: int = 64 * MEBIBYTE
    open_files: int = 1024
    network: bool = False

    def dumps(self) -> str:
        """Return the limits as JSON."""
        return json.dumps(dataclasses.asdict(self), default=str)

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read what `dumps` returned."""
        fields: dict[str, Any] = json.loads(text)
        for name in ("readable", "writable"):
            fields[name] = tuple(map(Path, fields[name]))
        return cls(**fields)


@dataclass(slots=True)
class Held:
    """Which layers of a confinement hold.

    Attributes:
        layers: the names of those that hold.
        missing: the others, and why the kernel refused each.
    """

    layers: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return one line for a log."""
        missing = "; ".join(f"{name} ({why})" for name, why in self.missing.items())
        return f"holds: {', '.join(self.layers)}. Missing: {missing or 'nothing'}."
