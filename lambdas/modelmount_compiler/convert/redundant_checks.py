"""Leaves out checks of the input that a later, stricter one makes as well."""

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

KEEPING = (Divide, Shift, Standardize, Stretch)  # what they take, if not finite, stays so


def without_repeated(nodes: Sequence[Node], answers: Set[int]) -> list[Node]:
    """Return the nodes, none of which takes what a check gives that another one repeats.

    What is NaN or infinite stays so when it is shifted or divided, so one look after it is enough.

    Args:
        answers: values that methods return; see `Node`.
    """
    places = range(1, len(nodes) + 1)
    instead = {p: nodes[p - 1].inputs[0] for p in places if _is_repeated(p, nodes, answers)}
    return [replace(n, inputs=tuple(instead.get(i, i) for i in n.inputs)) for n in nodes]


def _is_repeated(place: int, nodes: Sequence[Node], answers: Set[int]) -> bool:
    check = nodes[place - 1].operation
    if not isinstance(check, Finite):
        return False
    while place not in answers:
        takers = [i for i, node in enumerate(nodes, start=1) if place in node.inputs]
        if len(takers) != 1:
            return False
        place = takers[0]
        taker = nodes[place - 1].operation
        if isinstance(taker, Finite):
            return check.allows_missing or not taker.allows_missing
        if not isinstance(taker, KEEPING):
            return False
    return False
