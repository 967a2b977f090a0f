"""The tensors that a model of a graph takes and gives, by the names of the graph."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or an output of a graph.

    Attributes:
        datatype: as the Open Inference Protocol names it, such as FP32 or BYTES; empty where it
            has no name for it.
        shape: lengths of the axes, -1 for a free one; None where the graph doesn't tell the rank.
        batch_axis: the axis that counts instances; None where no axis does.
        form: `tensor`, or what holds tensors: a `sequence` (a list of tensors), a `map` (an object
            of numbers), or `maps` (a list of such objects, one for each instance).
        is_optional: whether it may be left out.
    """

    name: str
    datatype: str
    shape: tuple[int, ...] | None
    batch_axis: int | None = None
    form: Literal["tensor", "sequence", "map", "maps"] = "tensor"
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Tensors:
    """The inputs and the outputs of a graph, in its order, and what an instance is to it.

    Attributes:
        runs: what one run of the graph answers: a `batch` of instances; one `row`, a batch axis
            of length 1 in it; or one instance that is `whole`, since no axis counts instances.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    runs: Literal["batch", "row", "whole"] = "batch"
