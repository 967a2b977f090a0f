"""What a graph's file says, which ONNX Runtime doesn't tell.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import onnxruntime as ort

from modelmount_compiler.frameworks.soundness.protobuf import Message

IR_VERSION, GRAPH, OPSETS, FUNCTIONS = 1, 7, 8, 25  # of a model
OPSET_DOMAIN, OPSET_VERSION = 1, 2
NODES, INITIALIZERS, INPUTS, OUTPUTS = 1, 5, 11, 12  # of a graph
OPERATOR, ATTRIBUTES = 4, 5  # of a node
NAME, TENSOR, SUBGRAPH, FLOATS, INTEGERS, STRINGS, SUBGRAPHS = 1, 5, 6, 7, 8, 9, 11
VALUE_NAME, VALUE_TYPE, TENSOR_TYPE, SHAPE = 1, 2, 1, 2
DIMS = 1  # of a tensor
MOST_WIDTHS, LARGEST_WIDTH = 400, 1_000_000
SMALL = range(1, 65)
MOST_LISTED = 100_000  # bytes of a list of integers
# Operators that read as many numbers of a row as they have coefficients for, and no more.
READ_A_PART = ("LinearRegressor", "LinearClassifier", "SVMRegressor", "SVMClassifier")

_files: "WeakKeyDictionary[ort.InferenceSession, Path]" = WeakKeyDictionary()


def remember(session: ort.InferenceSession, path: Path) -> None:
    """Note which file a session was loaded from."""
    _files[session] = path


class GraphFacts:
    """The facts of one file."""

    def __init__(self, data: bytes) -> None:
        model = Message(memoryview(data))
        self.ir_version = model.integer(IR_VERSION)
        self.opsets = {
            opset.text(OPSET_DOMAIN) or "ai.onnx": opset.integer(OPSET_VERSION)
            for opset in model.messages(OPSETS)
        }
        self._model, self._graph = model, model.message(GRAPH)

    @classmethod
    def of(cls, session: ort.InferenceSession) -> "GraphFacts | None":
        """Return the facts of a session's file, or None where the file can't be read."""
        path = _files.get(session)
        return None if path is None else cls.read(path)

    @classmethod
    def read(cls, path: Path) -> "GraphFacts | None":
        """Return the facts of a file, or None where it can't be read."""
        try:
            return cls(path.read_bytes())
        except (OSError, ValueError):
            return None

    @property
    def operators(self) -> set[str]:
        """Names of the operators, those of inner graphs among them."""
        return {node.text(OPERATOR) for node in self._nodes()}

    @property
    def names_without_rank(self) -> set[str]:
        """Names of inputs and outputs of tensors whose rank isn't told."""
        return {
            value.text(VALUE_NAME)
            for number in (INPUTS, OUTPUTS)
            for value in (self._graph.messages(number) if self._graph else ())
            if _lacks_shape(value)
        }

    @property
    def strings(self) -> list[str]:
        """Texts that operators know, such as categories."""
        found: dict[str, None] = {}
        for node in self._nodes():
            for attribute in node.messages(ATTRIBUTES):
                found.update(dict.fromkeys(attribute.texts(STRINGS)[:MOST_WIDTHS]))
        return list(found)

    def widths(self) -> list[int]:
        """Return how many values a row may have, the likeliest first."""
        lengths = {length for length in self._lengths() if 0 < length <= LARGEST_WIDTH}
        found = dict.fromkeys([*sorted(lengths), *SMALL])
        for length in sorted(lengths, reverse=True):
            if len(found) > MOST_WIDTHS:
                break
            root = math.isqrt(length)
            low = [divisor for divisor in range(2, root + 1) if length % divisor == 0]
            found.update(dict.fromkeys(each for low_ in low for each in (low_, length // low_)))
        return list(found)[:MOST_WIDTHS]

    def _lengths(self) -> Iterator[int]:
        """Yield the lengths of constants' axes and of lists of numbers in attributes."""
        for tensor in self._graph.messages(INITIALIZERS) if self._graph else ():
            yield from tensor.integers(DIMS)
        for node in self._nodes():
            for attribute in node.messages(ATTRIBUTES):
                tensors = attribute.message(TENSOR)
                if tensors is not None:
                    yield from tensors.integers(DIMS)
                if sum(map(len, attribute.bytes(INTEGERS))) <= MOST_LISTED:
                    yield len(attribute.integers(INTEGERS))
                yield _count_of_floats(attribute)

    def _nodes(self) -> Iterator[Message]:
        graphs = [] if self._graph is None else [self._graph]
        nodes = [node for graph in graphs for node in graph.messages(NODES)]
        for function in self._model.messages(FUNCTIONS):
            nodes += function.messages(7)
        while nodes:
            node = nodes.pop()
            yield node
            for attribute in node.messages(ATTRIBUTES):
                for number in (SUBGRAPH, SUBGRAPHS):
                    for inner in attribute.messages(number):
                        nodes += inner.messages(NODES)


def _count_of_floats(attribute: Message) -> int:
    parts = attribute.bytes(FLOATS)
    return sum(len(part) for part in parts) // np.dtype("f4").itemsize


def _lacks_shape(value: Message) -> bool:
    kind = value.message(VALUE_TYPE)
    tensor = kind.message(TENSOR_TYPE) if kind else None
    return tensor is not None and not tensor.has(SHAPE)
