"""When two answers are the same, and when they aren't."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from modelmount_compiler.verify.comparison import FLOAT64_BOUND, Difference, compare, row_answer

NAN = float("nan")


def difference(
    expected: Any, found: Any, *, labels: bool = False, bound: float = FLOAT64_BOUND
) -> Difference:
    return compare(expected, found, labels=labels, bound=bound)


def objects(*values: Any) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (np.array([1.0, NAN, np.inf]), np.array([1.0, NAN, np.inf])),
        (np.array([1e-20, 1.0]), np.array([0.0, 1 + 5e-10])),  # saturated probabilities
        (np.array(["a", "b"]), np.array(["a", "b"], dtype="<U9")),
        (objects("a", 1, None, NAN, 0.5), objects("a", 1, None, NAN, 0.5 + 1e-13)),
        ([np.zeros((2, 2)), np.ones((2, 3))], [np.zeros((2, 2)), np.ones((2, 3))]),
        (csr_matrix(np.eye(3)), csr_matrix(np.eye(3))),
        (csr_matrix(np.eye(3)), np.eye(3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_same(expected: Any, found: Any) -> None:
    assert difference(expected, found).description == ""


@pytest.mark.parametrize(
    ("expected", "found", "words", "row"),
    [
        (np.array([1.0, NAN]), np.array([1.0, 0.0]), "more than 1e-09", 1),
        (np.array([1.0, 2.0]), np.array([1.0, np.inf]), "more than 1e-09", 1),
        (np.array([1.0, 1.0]), np.array([1.0, 1 + 2e-9]), "more than 1e-09", 1),
        (np.array([0.0]), np.array([2e-12]), "more than 1e-09", 0),
        (np.array([0, 1, 1]), np.array([0, 1, 0]), "differs", 2),
        (np.array([True]), np.array([1]), "holds int64 where the model gives bool", None),
        (np.array([1.0]), np.array([1.0], dtype=np.float32), "holds float32", None),
        (np.zeros((2, 1)), np.zeros(2), "has shape (2,)", None),
        (objects(1), objects(True), "differs", 0),
        (objects(1), objects(1.0), "differs", 0),
        (objects(None), objects(NAN), "differs", 0),
        ([np.zeros(2)], np.zeros((1, 2)), "single array, not a list", None),
        ([np.zeros(2)], [np.zeros(2), np.zeros(2)], "has 2 arrays, not 1", None),
    ],
)
def test_not_the_same(expected: Any, found: Any, words: str, row: int | None) -> None:
    told = difference(expected, found)
    assert words in told.description
    assert told.row == row


def test_labels_that_are_floats_are_no_numbers() -> None:
    expected, found = np.array([1.0, 2.0, NAN]), np.array([1.0, 2 + 1e-15, NAN])
    assert difference(expected, found).flips == 0
    assert difference(expected, found, labels=True).flips == 1


def test_the_largest_difference_has_a_floor() -> None:
    told = difference(np.array([0.0, 100.0]), np.array([1e-9, 100 + 1e-5]), bound=1.0)
    assert told.largest == pytest.approx(1e-6)


def test_the_answer_to_one_row_is_shown_in_plain_values() -> None:
    assert row_answer(np.array(["a", "b"]), 1) == "b"
    assert row_answer([np.eye(2), np.zeros((2, 1))], 0) == [[1.0, 0.0], [0.0]]
    assert row_answer(csr_matrix(np.eye(2)), 1) == [0.0, 1.0]
