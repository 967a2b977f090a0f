"""The graph of a program under construction."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from modelmount_compiler.column_types import PLAIN, ColumnType
from modelmount_compiler.convert import redundant_checks
from modelmount_compiler.program import Node, Program
from modelmount_compiler.program.operation import Kind, stored
from modelmount_compiler.program.program import Operation
from modelmount_compiler.signature import Method, Signature


class NotCompilable(Exception):
    """The model, or an estimator inside it, has no compiled form; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that flows between the operations of a program.

    Attributes:
        index: index of the value; see `Node`.
        kind: kind of the value; see `modelmount_compiler.program.operation`.
        width: number of columns, if it is known.
        names: column names, if the original has a data frame.
        by_column: whether the original has the rows column by column in memory. A data frame
            always has.
        blocks: the values that were concatenated into these rows, if any.
        types: the types of the columns of a data frame, where the signature has them.
        single: whether it is known to be in single precision, as XGBoost's answers are.
    """

    index: int
    kind: Kind
    width: int | None = None
    names: tuple[str, ...] | None = None
    by_column: bool = False
    blocks: tuple["Value", ...] = ()
    types: tuple[ColumnType, ...] | None = None
    single: bool = False

    @property
    def holds_numbers(self) -> bool:
        """Whether these are the rows of a data frame whose columns are all of floats."""
        return self.types is not None and {found.kind for found in self.types} == {"float"}


Outputs = Mapping[Method, Value]


class Graph:
    """Collects the operations of a program.

    Attributes:
        source: the program's input.
        infers_types: whether a data frame infers the types of its columns from each batch. Where
            the signature has types, rows hold what the original's columns do.
    """

    def __init__(self, signature: Signature) -> None:
        parsed = {found.kind for found in signature.column_types or ()} - PLAIN
        if parsed:
            raise NotCompilable(f"columns of the kind {', '.join(sorted(parsed))}")
        self.infers_types = signature.column_types is None
        kind: Kind = "matrix"
        if signature.input == "text":
            kind = "texts"
        elif signature.input == "records":
            kind = "records"
        elif signature.input == "frame" or signature.dtype == "any":
            kind = "rows"
        types = signature.column_types if signature.columns is not None else None
        self.source = Value(0, kind, signature.n_features, signature.columns, types=types)
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
        """Add an operation on values, and return its value.

        The graph holds equal operations on the same inputs once.

        Args:
            operation: the operation.
            inputs: the values that it takes.
            kind: kind of its value.
            width: number of columns of its value, if it is known.
            names: column names of its value, if the original has a data frame.
        """
        node = Node(operation, tuple(value.index for value in inputs))
        place = self._places.setdefault(_identity(node), len(self._nodes) + 1)
        if place > len(self._nodes):
            self._nodes.append(node)
        return Value(place, kind, width, names)

    def producer(self, x: Value) -> Node | None:
        """Return the node that computes a value; None for the program's input."""
        return self._nodes[x.index - 1] if x.index else None

    def program(self, outputs: Outputs) -> Program:
        """Return the program for these methods, without operations that none of them needs."""
        wanted = {value.index for value in outputs.values()}
        checked = redundant_checks.without_redundant(self._nodes, set(wanted))
        for index in range(len(checked), 0, -1):
            if index in wanted:
                wanted.update(checked[index - 1].inputs)
        kept = [index for index in range(1, len(checked) + 1) if index in wanted]
        place = {0: 0, **{index: new for new, index in enumerate(kept, start=1)}}
        nodes = [checked[index - 1] for index in kept]
        renumbered = [Node(n.operation, tuple(place[i] for i in n.inputs)) for n in nodes]
        return Program(renumbered, {method: place[v.index] for method, v in outputs.items()})


def _identity(node: Node) -> Hashable:
    """Return a key that is equal for nodes that compute the same; arrays compare by identity."""
    fields = stored(node.operation).items()
    scalars = (bool, int, float, str, type(None))
    values = tuple((name, v if isinstance(v, scalars) else id(v)) for name, v in fields)
    return type(node.operation), values, node.inputs
