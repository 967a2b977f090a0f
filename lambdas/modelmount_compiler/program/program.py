"""Operations wired into a graph, and run in order for each method that can be asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelmount_compiler.signature import Method

Operation = Callable[..., Any]
Step = tuple[Operation, tuple[int, ...], int]


@dataclass(frozen=True, slots=True)
class Node:
    """One operation and the values it takes: 0 is the program's input, i + 1 is node i's value."""

    operation: Operation
    inputs: tuple[int, ...]


class Program:
    """A directed acyclic graph of operations, in an order in which each follows its inputs.

    Args:
        nodes: what is computed.
        outputs: for each method, the index of the value that answers it (see `Node`).
    """

    def __init__(self, nodes: Sequence[Node], outputs: Mapping[Method, int]) -> None:
        self.nodes = tuple(nodes)
        self.outputs = dict(outputs)
        self._steps = {method: self._steps_to(value) for method, value in outputs.items()}
        self._chains = {method: _chain(steps) for method, steps in self._steps.items()}

    def run(self, method: Method, batch: Any) -> Any:
        """Answer a batch: a matrix, rows or texts, as the program's source takes them.

        Raises:
            ValueError: the batch isn't what the model takes.
        """
        chain = self._chains[method]
        if chain is not None:
            for operation in chain:
                batch = operation(batch)
            return batch
        values = [batch] + [None] * len(self.nodes)
        for operation, inputs, target in self._steps[method]:
            values[target] = operation(*[values[i] for i in inputs])
        return values[self.outputs[method]]

    def _steps_to(self, value: int) -> list[Step]:
        """List what must be computed for one value, in order."""
        needed = {value}
        steps = []
        for index in range(len(self.nodes), 0, -1):
            node = self.nodes[index - 1]
            if index in needed:
                needed.update(node.inputs)
                steps.append((node.operation, node.inputs, index))
        return steps[::-1]


def _chain(steps: list[Step]) -> list[Operation] | None:
    """Return the operations of steps that each take the value before them and no other."""
    before = 0
    for _, inputs, target in steps:
        if inputs != (before,):
            return None
        before = target
    return [operation for operation, _, _ in steps]
