"""The device and the precision of a model's weights."""

import fcntl
from pathlib import Path
from typing import IO

import torch

_claimed: list[IO[str]] = []  # kept open while this process lives, since that holds the locks


def place(scratch: Path) -> tuple[str, torch.dtype]:
    """Return device and precision: half only where the device computes in it.

    Each process of the container gets a GPU of its own, as long as there are.
    """
    if not torch.cuda.is_available():
        return "cpu", torch.float32
    half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return f"cuda:{claim(scratch, torch.cuda.device_count())}", half


def claim(scratch: Path, count: int) -> int:
    """Return the first GPU of so many that no other process has claimed; 0 if all are."""
    for index in range(count):
        file = (scratch / f"gpu-{index}.lock").open("w")
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
        else:
            _claimed.append(file)
            return index
    return 0
