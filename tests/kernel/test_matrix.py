"""From JSON rows to doubles, as NumPy converts them."""

from typing import Any

import numpy as np
import pytest

kernel = pytest.importorskip("modelmount_kernel", reason="built by make setup, with a C compiler")

NUMBERS: list[Any] = [0, 1.5, True, False, -1, -1.0, 2**53, 2**53 + 2, -(2**64), 1e308, 2**1000]


def test_numbers_are_converted_as_numpy_does() -> None:
    rows = [NUMBERS, NUMBERS[::-1]]
    out = np.empty((2, len(NUMBERS)))
    kernel.matrix(rows, out, False)
    assert (out == np.asarray(rows, dtype=np.float64)).all()


def test_none_is_nan_where_it_is_allowed() -> None:
    out = np.empty((1, 2))
    kernel.matrix([[None, float("nan")]], out, True)
    assert np.isnan(out).all()
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (its arguments are looked at)
        kernel.matrix([[1.0, None]], out, False)
    assert refusal.value.args == (0, 1)


class Whole(int):
    """What turns it into a float is Python code, which could change the list meanwhile."""


@pytest.mark.parametrize(
    "cell",
    ["1", [1], {}, 10**400, 1j, object(), Whole(1), 2**53 + 1, -(2**53) - 1, 2**64 - 1, 10**300],
)
def test_the_first_cell_that_is_no_number_or_not_a_double_is_named(cell: Any) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (as above)
        kernel.matrix([[1.0, 2.0], [3.0, cell], [cell, 4.0]], np.empty((3, 2)), True)
    assert refusal.value.args == (1, 1)


@pytest.mark.parametrize("row", [[1.0], [1.0, 2.0, 3.0], (1.0, 2.0), None, 1.0, "12", {}])
def test_the_first_row_that_is_no_list_of_the_width_is_named(row: Any) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (as above)
        kernel.matrix([[1.0, 2.0], row], np.empty((2, 2)), False)
    assert refusal.value.args == (1, -1)


@pytest.mark.parametrize(
    "arguments",
    [
        ((([1.0],),), np.empty((1, 1)), False),
        ([[1.0]], np.empty((2, 1)), False),
        ([[1.0]], np.empty(1), False),
        ([[1.0]], np.empty((1, 1), dtype=np.float32), False),
        ([[1.0]],),
    ],
)
def test_arguments_of_other_kinds_are_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        kernel.matrix(*arguments)


def test_no_rows_are_no_trouble() -> None:
    kernel.matrix([], np.empty((0, 3)), False)
