"""Made-up inputs of a graph."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.frameworks.onnx import element_types
from modelmount_compiler.frameworks.onnx.shapes import FREE
from modelmount_compiler.tensors import Tensor

Array = NDArray[Any]
Draw = Callable[[tuple[int, ...]], NDArray[np.float64]]
SEED = 15


def fills() -> list[tuple[Draw, Draw]]:
    """Return ways to fill tensors of rows, and those that all rows share."""
    rng = np.random.default_rng(SEED)

    def drawn(shape: tuple[int, ...]) -> NDArray[np.float64]:
        return rng.uniform(0.1, 1.9, shape)

    return [(drawn, drawn), (drawn, np.ones), (drawn, np.zeros), (np.ones,) * 2, (np.zeros,) * 2]


def make(tensor: Tensor, shape: tuple[int, ...], draw: Draw, texts: list[str]) -> Any:
    """Return a value for an input: an array, or a list or an object that holds such."""
    if tensor.form == "sequence":
        return [_array(tensor.datatype, (2, 2), draw, texts) for _ in range(2)]
    if tensor.form in ("map", "maps"):
        key: str | int = texts[0] if texts else 0
        made = {key: 1.0}
        return made if tensor.form == "map" else [made]
    return _array(tensor.datatype, shape, draw, texts)


def _array(datatype: str, shape: tuple[int, ...], draw: Draw, texts: list[str]) -> Array:
    numbers = np.asarray(draw(shape))
    if datatype == element_types.TEXT:
        known = np.array(texts or ["a", "b"], dtype=object)
        places = (numbers * len(known) / 2).astype(int) % len(known)
        return np.asarray(known[places], dtype=object)
    if datatype == "BF16":
        bits: Array = (numbers.astype("f4").view("u4") >> 16).astype("u2")
        return bits
    dtype = element_types.FLOATS.get(datatype) or element_types.INTEGERS[datatype]
    return numbers.astype(dtype)


def filled(shape: tuple[int, ...], sizes: dict[int, int], default: int) -> tuple[int, ...]:
    """Return a shape with its free axes filled."""
    return tuple(
        sizes.get(axis, default) if size == FREE else size for axis, size in enumerate(shape)
    )
