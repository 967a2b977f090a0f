"""A program under construction."""

from collections.abc import Mapping
from dataclasses import dataclass

from serving.manifest import Method, Signature
from serving.program import Node, Program
from serving.program.operation import Kind
from serving.program.program import Operation


class NotCompilable(Exception):
    """This model, or a part of it, has no compiled form; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the program.

    Attributes:
        index: see `Node`.
        kind: see `serving.program.operation`.
        width: columns, where it has a number of them that is known.
        names: of the columns, where a later step may choose by name.
    """

    index: int
    kind: Kind
    width: int | None = None
    names: tuple[str, ...] | None = None


Outputs = Mapping[Method, Value]


class Graph:
    """Collects operations; the program keeps those that its methods need.

    Attributes:
        source: the program's input.
    """

    def __init__(self, signature: Signature) -> None:
        kind: Kind = "matrix"
        if signature.input == "text":
            kind = "texts"
        elif signature.input == "frame" or signature.dtype == "any":
            kind = "rows"
        self.source = Value(0, kind, signature.n_features, signature.columns)
        self._nodes: list[Node] = []

    def add(
        self,
        operation: Operation,
        *inputs: Value,
        kind: Kind = "matrix",
        width: int | None = None,
        names: tuple[str, ...] | None = None,
    ) -> Value:
        """Add an operation on values and return its own, which is of the kind given."""
        self._nodes.append(Node(operation, tuple(value.index for value in inputs)))
        return Value(len(self._nodes), kind, width, names)

    def program(self, outputs: Outputs) -> Program:
        """Return the program that answers these methods, without what none of them needs."""
        wanted = {value.index for value in outputs.values()}
        for index in range(len(self._nodes), 0, -1):
            if index in wanted:
                wanted.update(self._nodes[index - 1].inputs)
        kept = [index for index in range(1, len(self._nodes) + 1) if index in wanted]
        place = {0: 0, **{index: new for new, index in enumerate(kept, start=1)}}
        nodes = [self._nodes[index - 1] for index in kept]
        renumbered = [Node(n.operation, tuple(place[i] for i in n.inputs)) for n in nodes]
        return Program(renumbered, {method: place[v.index] for method, v in outputs.items()})
