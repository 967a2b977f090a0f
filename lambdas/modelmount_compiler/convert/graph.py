"""A program under construction."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from modelmount_compiler.convert import redundant_checks
from modelmount_compiler.program import Node, Program
from modelmount_compiler.program.operation import Kind, stored
from modelmount_compiler.program.program import Operation
from modelmount_compiler.signature import Method, Signature


class NotCompilable(Exception):
    """This model, or a part of it, has no compiled form; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the program.

    Attributes:
        index: see `Node`.
        kind: see `modelmount_compiler.program.operation`.
        width: columns, where it has a number of them that is known.
        names: of the columns of a data frame.
        by_column: of rows that aren't of a frame, whether the original has them column by column in
            memory; a frame always is so.
        parts: of rows, the values that stand side by side in them, where that is how they came.
    """

    index: int
    kind: Kind
    width: int | None = None
    names: tuple[str, ...] | None = None
    by_column: bool = False
    parts: tuple["Value", ...] = ()


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
        self._places: dict[Hashable, int] = {}

    def add(
        self,
        operation: Operation,
        *inputs: Value,
        kind: Kind = "matrix",
        width: int | None = None,
        names: tuple[str, ...] | None = None,
    ) -> Value:
        """Add an operation on values and return its own, which is of the kind given.

        What is there already, on the same values, isn't computed twice.
        """
        node = Node(operation, tuple(value.index for value in inputs))
        place = self._places.setdefault(_identity(node), len(self._nodes) + 1)
        if place > len(self._nodes):
            self._nodes.append(node)
        return Value(place, kind, width, names)

    def source_of(self, x: Value) -> Node | None:
        """Return the operation that gives a value, with the places of what it takes."""
        return self._nodes[x.index - 1] if x.index else None

    def program(self, outputs: Outputs) -> Program:
        """Return the program that answers these methods, without what none of them needs."""
        wanted = {value.index for value in outputs.values()}
        checked = redundant_checks.without_repeated(self._nodes, set(wanted))
        for index in range(len(checked), 0, -1):
            if index in wanted:
                wanted.update(checked[index - 1].inputs)
        kept = [index for index in range(1, len(checked) + 1) if index in wanted]
        place = {0: 0, **{index: new for new, index in enumerate(kept, start=1)}}
        nodes = [checked[index - 1] for index in kept]
        renumbered = [Node(n.operation, tuple(place[i] for i in n.inputs)) for n in nodes]
        return Program(renumbered, {method: place[v.index] for method, v in outputs.items()})


def _identity(node: Node) -> Hashable:
    """Return what is equal for nodes that compute the same: arrays are the same object."""
    fields = stored(node.operation).items()
    plain = (bool, int, float, str, type(None))
    values = tuple((name, v if isinstance(v, plain) else id(v)) for name, v in fields)
    return type(node.operation), values, node.inputs
