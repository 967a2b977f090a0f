"""Asks a graph about made-up rows, alone and together: which axes count instances, how wide?"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.onnx.description import samples
from modelmount_compiler.frameworks.onnx.description.samples import Draw
from modelmount_compiler.frameworks.onnx.element_types import TEXT
from modelmount_compiler.frameworks.onnx.session import Session
from modelmount_compiler.frameworks.onnx.shapes import FREE
from modelmount_compiler.tensors import Tensor, Tensors

Array = NDArray[Any]
Axis = tuple[str, int]  # of the input with this name
TOGETHER = 3
MOST_SECONDS = 8.0
# Sums of float32 and float16 differ by the number of rows that are summed at once.


class Trial:
    """Runs of one graph.

    Args:
        sizes: lengths of free axes that aren't the batch axis.
        texts: values of strings.
    """

    def __init__(self, session: Session, sizes: dict[Axis, int], texts: list[str]) -> None:
        self._session, self._sizes, self._texts = session, sizes, texts
        self._ends = time.monotonic() + MOST_SECONDS

    @property
    def has_time(self) -> bool:
        """Whether there is time for another run."""
        return time.monotonic() < self._ends

    def with_sizes(self, sizes: dict[Axis, int]) -> "Trial":
        """Return this trial with other lengths of free axes, and the time that is left."""
        other = Trial(self._session, sizes, self._texts)
        other._ends = self._ends
        return other

    def run(self, tensors: Tensors, feeds: dict[str, Any]) -> list[Any] | None:
        """Return all outputs, or None where the graph refuses the input."""
        try:
            return self._session.run([output.name for output in tensors.outputs], feeds)
        except InputMismatch:
            return None

    def feeds(self, tensors: Tensors, rows: int, draws: tuple[Draw, Draw]) -> dict[str, Any]:
        """Make an input of so many rows."""
        return {
            tensor.name: samples.make(
                tensor, self._shape(tensor, rows), draws[tensor.batch_axis is None], self._texts
            )
            for tensor in tensors.inputs
        }

    def answers(self, tensors: Tensors, rows: int) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        """Yield inputs of so many rows that the graph answers, with its answers."""
        is_answered = False
        for draws in samples.fills():
            if is_answered and not self.has_time:
                return
            feeds = self.feeds(tensors, rows, draws)
            found = self.run(tensors, feeds)
            if found is not None:
                is_answered = True
                yield feeds, found

    def _shape(self, tensor: Tensor, rows: int) -> tuple[int, ...]:
        sizes = {axis: size for (name, axis), size in self._sizes.items() if name == tensor.name}
        if tensor.batch_axis is not None:
            sizes[tensor.batch_axis] = rows
        return samples.filled(tensor.shape or (), sizes, 1)

    def settle(self, tensors: Tensors) -> Tensors:
        """Return what one run answers, as the answers show it, with the axes of the outputs."""
        if tensors.runs == "batch":
            return self._batch(tensors)
        if tensors.runs == "row":
            return self._row(tensors)
        return tensors

    def _batch(self, tensors: Tensors) -> Tensors:
        settled = replace(tensors, outputs=_on_axis(tensors.outputs, 0))
        is_by_row = self._is_by_row(settled)
        if is_by_row is not None:
            return settled if is_by_row else _whole(tensors)
        alone = next((found for _, found in self.answers(tensors, 1)), None)
        if alone is not None:  # a reshape inside may have the length 1 that it was exported with
            is_row = len(tensors.inputs) == 1 and all(_length(output) == 1 for output in alone)
            return replace(settled, runs="row") if is_row else _whole(tensors)
        # Texts that it doesn't know may all be refused. Then its shapes have to be believed.
        is_told = any(tensor.datatype == TEXT for tensor in tensors.inputs) and all(
            tensor.form == "maps" or (tensor.shape and tensor.shape[0] == FREE)
            for tensor in tensors.outputs
        )
        return settled if is_told else _whole(tensors)

    def _row(self, tensors: Tensors) -> Tensors:
        """Find the batch axes of outputs: those that grow with the inputs', or are fixed at 1."""
        grows = _can_grow(tensors)
        axes: list[int | None]
        if grows:
            axes = self._grown_axes(tensors)
        elif tensors.inputs[0].form == "map":
            found = next((found for _, found in self.answers(tensors, 1)), [])
            axes = [0 if _length(output) == 1 else None for output in found]
        else:
            axes = [
                0 if tensor.shape and tensor.shape[0] == 1 else None for tensor in tensors.outputs
            ]
        # What grows with no row, a loss for instance, isn't the answer to a row.
        if (any if grows else all)(axis is None for axis in axes):
            return _whole(tensors)
        outputs = tuple(
            replace(tensor, batch_axis=axis)
            for tensor, axis in zip(tensors.outputs, axes, strict=True)
        )
        settled = replace(tensors, outputs=outputs)
        return _whole(tensors) if grows and self._is_by_row(settled) is False else settled

    def _grown_axes(self, tensors: Tensors) -> list[int | None]:
        """Return the axes of outputs that grow with the batch axes of inputs."""
        one = next((found for _, found in self.answers(tensors, 1)), None)
        two = next((found for _, found in self.answers(tensors, 2)), None)
        if one is None or two is None:
            return [None] * len(tensors.outputs)
        return list(map(_grown, one, two))

    def _is_by_row(self, tensors: Tensors) -> bool | None:
        """Whether there is one answer for each row; None where none are answered."""
        found = [
            self._are_by_row(tensors, feeds, together)
            for feeds, together in self.answers(tensors, TOGETHER)
        ]
        return all(found) if found else None

    def _are_by_row(self, tensors: Tensors, feeds: dict[str, Any], together: list[Any]) -> bool:
        """Whether each output has one answer for each row, alone as in company.

        Rows that influence each other are still rows: how they do is found later, and such a model
        is asked for one caller at a time.
        """
        axes = {tensor.name: tensor.batch_axis for tensor in tensors.inputs}
        ends = [tensor.batch_axis for tensor in tensors.outputs]
        if not _have(together, ends, TOGETHER):
            return False
        for i in range(TOGETHER):
            part = {name: _part(value, axes[name], i) for name, value in feeds.items()}
            alone = self.run(tensors, part)
            if alone is None or not _have(alone, ends, 1):
                return False
        return True

    def with_shapes(self, tensors: Tensors) -> Tensors:
        """Fill in the shapes of outputs that the graph doesn't tell, from an answer."""
        found = next((found for _, found in self.answers(tensors, 1)), None)
        if found is None:
            return tensors
        outputs = tuple(
            replace(tensor, shape=_shape_of(tensor, output))
            for tensor, output in zip(tensors.outputs, found, strict=True)
        )
        return replace(tensors, outputs=outputs)


def _part(value: Any, axis: int | None, i: int) -> Any:
    """Return one row, with its axis."""
    if axis is None:
        return value
    return value[i : i + 1] if isinstance(value, list) else np.take(value, [i], axis)


def _have(outputs: list[Any], axes: list[int | None], rows: int) -> bool:
    """Whether the outputs have so many rows."""
    return all(
        axis is None or _length(output, axis) == rows
        for output, axis in zip(outputs, axes, strict=True)
    )


def _shape_of(tensor: Tensor, output: Any) -> tuple[int, ...] | None:
    if tensor.form != "tensor" or not isinstance(output, np.ndarray):
        return tensor.shape
    if tensor.shape is not None and len(tensor.shape) == output.ndim:
        return tensor.shape
    return (FREE,) * output.ndim


def _can_grow(tensors: Tensors) -> bool:
    axes = [(t.shape, t.batch_axis) for t in tensors.inputs if t.batch_axis is not None]
    return any(shape and shape[axis] == FREE for shape, axis in axes) and all(
        shape and shape[axis] == FREE for shape, axis in axes
    )


def _grown(one: Any, two: Any) -> int | None:
    """Return the axis that has length 1 in one answer and 2 in the other."""
    if not (isinstance(one, np.ndarray) and isinstance(two, np.ndarray)) or one.ndim != two.ndim:
        return 0 if _length(one) == 1 and _length(two) == 2 else None
    axes = [i for i, pair in enumerate(zip(one.shape, two.shape, strict=True)) if pair == (1, 2)]
    same = sum(a == b for a, b in zip(one.shape, two.shape, strict=True))
    return axes[0] if len(axes) == 1 and same == one.ndim - 1 else None


def _whole(tensors: Tensors) -> Tensors:
    return Tensors(_on_axis(tensors.inputs, None), _on_axis(tensors.outputs, None), "whole")


def _on_axis(tensors: tuple[Tensor, ...], axis: int | None) -> tuple[Tensor, ...]:
    return tuple(replace(tensor, batch_axis=axis) for tensor in tensors)


def _length(output: Any, axis: int = 0) -> int | None:
    if isinstance(output, np.ndarray):
        return output.shape[axis] if output.ndim > axis else None
    return len(output) if isinstance(output, list) else None
