"""Checks tensors whose data lies in files of their own, and their sizes."""

from pathlib import Path, PurePosixPath

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness.protobuf import Message

DIMS, KIND, TENSOR_NAME, RAW, EXTERNAL, LOCATION = 1, 2, 8, 9, 13, 14
IN_A_FILE = 1
# Bits of an item, by the number of its type.
BITS = {
    **dict.fromkeys((2, 3, 9, 17, 18, 19, 20, 24), 8),
    **dict.fromkeys((4, 5, 10, 16), 16),
    **dict.fromkeys((1, 6, 12), 32),
    **dict.fromkeys((7, 11, 13, 14), 64),
    **dict.fromkeys((21, 22, 23), 4),
    **dict.fromkeys((25, 26), 2),
    15: 128,
}


def check(tensor: Message, folder: Path) -> None:
    """Require that a tensor has the data that it claims, in the model or in a file beside it.

    Raises:
        ModelRejected: it lies elsewhere, or there is less of it.
    """
    name = tensor.text(TENSOR_NAME)
    items = 1
    for size in tensor.integers(DIMS):
        items *= size
        if size < 0 or items > 2**40:
            raise _refused(name, f"has the shape {tensor.integers(DIMS)}")
    size = (items * BITS.get(tensor.integer(KIND), 0) + 7) // 8
    if tensor.integer(LOCATION) == IN_A_FILE:
        _check_file(tensor, folder, name, size)
    elif tensor.has(RAW) and len(tensor.bytes(RAW)[-1]) != size:
        raise _refused(name, f"has {len(tensor.bytes(RAW)[-1])} bytes of {size}")


def _check_file(tensor: Message, folder: Path, name: str, size: int) -> None:
    told = {entry.text(1): entry.text(2) for entry in tensor.messages(EXTERNAL)}
    location = PurePosixPath(told.get("location", ""))
    path = folder / location
    inside = not location.is_absolute() and ".." not in location.parts and location.parts
    if not inside or not path.is_file() or path.resolve() != folder.resolve() / location:
        raise _refused(
            name,
            f"lies in {str(location)!r:.200}, which isn't a file beside the model",
        )
    try:
        start, length = int(told.get("offset", 0)), int(told.get("length", size))
    except ValueError as error:
        raise _refused(name, "has a place in its file that isn't a number") from error
    if length != size or not 0 <= start <= path.stat().st_size - length:
        raise _refused(name, f"has {length} bytes at {start} of its file, not {size}")


def _refused(name: str, what: str) -> ModelRejected:
    return ModelRejected(
        "UNSUPPORTED_GRAPH",
        f"Its tensor {name!r:.80} {what}. Export the model with all weights in one file "
        "(onnx.save does), or upload the files of weights beside it, in an archive.",
    )
