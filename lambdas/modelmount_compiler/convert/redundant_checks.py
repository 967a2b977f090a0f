"""Removes checks of the input that a later check repeats."""

from collections.abc import Sequence, Set
from dataclasses import replace

from modelmount_compiler.program import Node
from modelmount_compiler.program.operations.preprocessing.scaling import (
    Divide,
    Finite,
    Shift,
    Standardize,
    Stretch,
)

# NaN and infinity stay NaN or infinite under these operations.
PRESERVING = (Divide, Shift, Standardize, Stretch)


def without_redundant(nodes: Sequence[Node], answers: Set[int]) -> list[Node]:
    """Return the nodes with redundant checks bypassed: their consumers take the unchecked value.

    A check is redundant if its value is only shifted or scaled before another check that is as
    strict.

    Args:
        nodes: the nodes of a program.
        answers: indices of the values that methods return; see `Node`.
    """
    indices = range(1, len(nodes) + 1)
    unchecked = {i: nodes[i - 1].inputs[0] for i in indices if _is_redundant(i, nodes, answers)}
    return [replace(n, inputs=tuple(unchecked.get(i, i) for i in n.inputs)) for n in nodes]


def _is_redundant(index: int, nodes: Sequence[Node], answers: Set[int]) -> bool:
    check = nodes[index - 1].operation
    if not isinstance(check, Finite):
        return False
    while index not in answers:
        consumers = [i for i, node in enumerate(nodes, start=1) if index in node.inputs]
        if len(consumers) != 1:
            return False
        index = consumers[0]
        consumer = nodes[index - 1].operation
        if isinstance(consumer, Finite):
            return check.allows_missing or not consumer.allows_missing
        if not isinstance(consumer, PRESERVING):
            return False
    return False
