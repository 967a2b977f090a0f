"""Made-up instances of a graph: nested lists of the shapes and types that it takes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from modelmount_compiler.tensors import Tensor, Tensors

FREE = -1
FREE_LENGTHS = (8, 1, 64, 3)  # of axes whose length the graph leaves open
MOST_NUMBERS = 2_000_000  # in one instance; larger ones take too long to make
DRAWN = 4
SEED = 20
TEXTS = ("a", "the quick brown fox", "")
WHOLE = ("INT", "UINT")


def instances(tensors: Tensors) -> list[Any]:
    """Return instances of drawn numbers, of zeros and of ones, of several lengths."""
    rng = np.random.default_rng(SEED)
    fills: list[Callable[[tuple[int, ...]], Any]] = [
        *[lambda shape: rng.uniform(-1, 2, shape)] * DRAWN,
        np.zeros,
        np.ones,
    ]
    lengths = FREE_LENGTHS if _has_free_axes(tensors) else FREE_LENGTHS[:1]
    return [
        _instance(tensors, length, fill)
        for length in lengths
        if _numbers(tensors, length) <= MOST_NUMBERS
        for fill in fills
    ]


def _instance(tensors: Tensors, length: int, fill: Callable[[tuple[int, ...]], Any]) -> Any:
    made = {tensor.name: _value(tensor, length, fill) for tensor in tensors.inputs}
    return next(iter(made.values())) if len(made) == 1 else made


def _value(tensor: Tensor, length: int, fill: Callable[[tuple[int, ...]], Any]) -> Any:
    if tensor.form in ("map", "maps"):
        made = {"1": 1.0}  # a name, and a number as well
        return made if tensor.form == "map" else [made]
    if tensor.form == "sequence":
        return [_values(tensor.datatype, fill((2, 2))) for _ in range(2)]
    return _values(tensor.datatype, fill(_shape(tensor, length)))


def _values(datatype: str, numbers: Any) -> Any:
    array = np.asarray(numbers)
    if datatype == "BYTES":
        texts = np.array(TEXTS, dtype=object)[array.astype(int) % len(TEXTS)]
        return np.asarray(texts, dtype=object).tolist()
    if datatype == "BOOL":
        return (array > 0).tolist()
    if datatype.startswith(WHOLE):
        return np.clip(array, 0, None).astype(int).tolist()
    return array.tolist()


def _shape(tensor: Tensor, length: int) -> tuple[int, ...]:
    shape = list(tensor.shape or ())
    if tensor.batch_axis is not None:
        del shape[tensor.batch_axis]
    return tuple(length if size == FREE else size for size in shape)


def _has_free_axes(tensors: Tensors) -> bool:
    return any(_shape(tensor, 1) != _shape(tensor, 2) for tensor in tensors.inputs)


def _numbers(tensors: Tensors, length: int) -> int:
    return sum(int(np.prod(_shape(tensor, length))) for tensor in tensors.inputs)
