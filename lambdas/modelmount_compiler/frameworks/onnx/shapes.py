"""Shapes of tensors, and what a request's arrays have to fulfil."""

from typing import Any

import numpy as np

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.tensors import Tensor, Tensors

FREE = -1  # the length of an axis that may have any
WHOLE = ": it has no axis that counts instances, so an instance has the whole input of one run."


def row_shape(tensor: Tensor) -> tuple[int, ...] | None:
    """Return a shape without the axis that counts instances."""
    if tensor.shape is None or tensor.batch_axis is None:
        return tensor.shape
    return tensor.shape[: tensor.batch_axis] + tensor.shape[tensor.batch_axis + 1 :]


def check_shape(
    tensor: Tensor, wanted: tuple[int, ...] | None, shape: tuple[int, ...], what: str
) -> None:
    """Require a shape; raises `InputMismatch`."""
    if wanted is None or fits(wanted, shape):
        return
    told = ["any" if size == FREE else size for size in wanted]
    raise InputMismatch(
        f"{what} has the shape {list(shape)}; the input {tensor.name!r} takes "
        f"{'[' + ', '.join(map(str, told)) + ']'}"
        + ("." if tensor.batch_axis is not None else WHOLE),
        field=f"$.{what}" if what.startswith("instances") else "$.inputs",
    )


def check_symbols(tensors: Tensors, arrays: dict[str, Any], path: str) -> None:
    """Require that free axes of one name have one length: a graph may repeat the shorter one."""
    if len(arrays) < 2 or tensors.runs == "whole":
        return
    lengths: dict[str, tuple[str, int]] = {}
    for tensor in tensors.inputs:
        array = arrays.get(tensor.name)
        if not isinstance(array, np.ndarray) or array.ndim != len(tensor.symbols):
            continue
        for axis, (symbol, length) in enumerate(zip(tensor.symbols, array.shape, strict=True)):
            if not symbol or axis == tensor.batch_axis:
                continue
            other, known = lengths.setdefault(symbol, (tensor.name, length))
            if length != known:
                raise InputMismatch(
                    f"{path}: {tensor.name!r} has the length {length} and {other!r} {known}, where "
                    "they have to be equal.",
                    field=f"$.{path}",
                )


def fits(wanted: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether a shape is the wanted one, in which free axes have any length."""
    return len(wanted) == len(shape) and all(
        size in (FREE, given) for size, given in zip(wanted, shape, strict=True)
    )
