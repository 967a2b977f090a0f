"""Generates instances for graphs: nested lists of the shapes that the signature tells."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from modelmount_compiler.tensors import Tensor, Tensors

ROWS = 12
FREE = -1
FREE_LENGTHS = (1, 2, 3, 8, 16)
MOST_VALUES = 2**17  # in an instance; larger ones take too long
TEXTS = ("", "a", "B")


def candidates(tensors: Tensors, rng: np.random.Generator) -> Iterator[list[Any]]:
    """Yield instances that the graph may take, with one length of its free axes after another."""
    needed = [tensor for tensor in tensors.inputs if not tensor.is_optional]
    is_free = any(FREE in _row_shape(tensor, FREE) for tensor in needed)
    for length in FREE_LENGTHS if is_free else (1,):
        shapes = [_row_shape(tensor, length) for tensor in needed]
        if sum(int(np.prod(shape)) for shape in shapes) > MOST_VALUES:
            return
        for only_small in (False, True):
            yield [_instance(needed, shapes, rng, only_small=only_small) for _ in range(ROWS)]


def _row_shape(tensor: Tensor, length: int) -> tuple[int, ...]:
    """Return the shape of one instance's part, with free axes of this length."""
    sizes = [size for i, size in enumerate(tensor.shape or ()) if i != tensor.batch_axis]
    return tuple(length if size == FREE else size for size in sizes)


def _instance(
    inputs: list[Tensor],
    shapes: list[tuple[int, ...]],
    rng: np.random.Generator,
    *,
    only_small: bool,
) -> Any:
    pairs = zip(inputs, shapes, strict=True)
    values = {t.name: _values(t.datatype, shape, rng, only_small) for t, shape in pairs}
    return next(iter(values.values())) if len(values) == 1 else values


def _values(
    datatype: str, shape: tuple[int, ...], rng: np.random.Generator, only_small: bool
) -> Any:
    """Return nested lists; small values are zeros and ones, which most graphs take."""
    if datatype == "BYTES":
        return rng.choice(TEXTS, shape).tolist()
    if datatype == "BOOL":
        return (rng.random(shape) < 0.5).tolist()
    if "INT" in datatype:
        return rng.integers(0, 2 if only_small else 9, shape).tolist()
    found = rng.random(shape) if only_small else rng.normal(size=shape)
    return found.tolist()
