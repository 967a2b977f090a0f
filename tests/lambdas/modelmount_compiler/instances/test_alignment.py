from typing import Any

import numpy as np
import pytest

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances.alignment import align
from modelmount_compiler.instances.batches import Table
from modelmount_compiler.instances.inputs import for_estimator, for_program
from modelmount_compiler.instances.json_values import to_json_values
from modelmount_compiler.signature import Signature

NUMBERS = Signature("matrix", "number", 2, None, False, ("predict",))
WITH_MISSING = Signature("matrix", "number", 2, None, True, ("predict",))
ANY = Signature("matrix", "any", 2, None, True, ("predict",))
FRAME = Signature("frame", "any", 2, ("age", "town"), True, ("predict",))


def test_an_array_of_doubles_is_taken_as_it_is() -> None:
    array = np.array([[1.0, 2.0]])
    assert for_program(array, NUMBERS) is array
    assert for_estimator(array, NUMBERS) is array
    assert for_program(np.array([[1, 2]], "<f2"), NUMBERS).dtype == np.float64


def test_elsewhere_an_array_is_as_its_lists() -> None:
    array = np.array([[1.0, np.nan]])
    assert for_program(array, ANY) == [[1.0, None]]
    assert for_program(array, FRAME) == [[1.0, None]]
    assert for_estimator(np.array([["a", 2]], object), ANY).tolist() == [["a", 2]]
    assert to_json_values(np.array([1, 2])) == [1, 2]


def test_a_tables_columns_come_in_any_order() -> None:
    expected: list[list[Any]] = [[30, "Åbo"], [31, None]]
    assert for_program(Table(("age", "town"), expected), FRAME) == expected
    assert for_program(Table(("town", "age"), [["Åbo", 30], [None, 31]]), FRAME) == expected


@pytest.mark.parametrize(
    ("signature", "batch", "text"),
    [
        (NUMBERS, np.ones((1, 3)), r"\[1, 3\]; this model takes \[n, 2\]"),
        (NUMBERS, np.ones(2), r"\[2\]; this model takes"),
        (NUMBERS, np.array([["a", "b"]]), "isn't of numbers"),
        (NUMBERS, np.array([[1.0, np.nan]]), r"instances\[0\]\[1\] is NaN"),
        (WITH_MISSING, np.array([[1.0, np.inf]]), "infinite"),
        (NUMBERS, Table(("a", "b"), [[1, 2]]), "without column names"),
        (FRAME, Table(("age",), [[1]]), "lacks 'town'; this model takes the columns age"),
        (FRAME, Table(("age", "age", "town"), [[1, 1, 2]]), "has twice 'age'"),
    ],
)
def test_what_does_not_fit_is_told(signature: Signature, batch: Any, text: str) -> None:
    with pytest.raises(InputMismatch, match=text):
        align(batch, signature)


def test_missing_numbers_are_taken_where_the_model_takes_them() -> None:
    assert np.isnan(for_program(np.array([[1.0, np.nan]]), WITH_MISSING)[0, 1])
