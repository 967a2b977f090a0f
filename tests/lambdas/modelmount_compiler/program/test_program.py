import pytest

from modelmount_compiler.program import Program
from modelmount_compiler.program.program import Node, Operation


def plus(number: int) -> Operation:
    return lambda *values: sum(values) + number


@pytest.mark.parametrize(
    ("nodes", "value", "answer"),
    [
        ([], 0, 1),
        ([Node(plus(1), (0,))], 1, 2),
        ([Node(plus(1), (0,)), Node(plus(10), (1,))], 2, 12),
        # What isn't needed is passed over.
        ([Node(plus(1), (0,)), Node(plus(10), (0,)), Node(plus(100), (2,))], 3, 111),
        # Two values of one, and one value twice.
        ([Node(plus(1), (0,)), Node(plus(10), (0,)), Node(plus(0), (1, 2))], 3, 13),
        ([Node(plus(1), (0,)), Node(plus(0), (1, 1))], 2, 4),
        ([Node(plus(1), (0,)), Node(plus(10), (1,)), Node(plus(0), (0,))], 3, 1),
    ],
)
def test_operations_get_the_values_that_they_are_wired_to(
    nodes: list[Node], value: int, answer: int
) -> None:
    assert Program(nodes, {"predict": value}).run("predict", 1) == answer
