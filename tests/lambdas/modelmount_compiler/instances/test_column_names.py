import unicodedata

import pytest

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import column_names, inputs
from modelmount_compiler.instances.batches import Table
from modelmount_compiler.signature import Signature

AGE, SPACED = "âge", "sepal_length_(cm)"
DECOMPOSED = unicodedata.normalize("NFD", AGE)
SIGNATURE = Signature("frame", "any", 3, (AGE, SPACED, "unused"), True, ("predict",), None)
OPTIONAL = Signature(
    "frame", "any", 3, (AGE, SPACED, "unused"), True, ("predict",), optional=("unused",)
)
ROW = [1, 2.5, 3]


@pytest.mark.parametrize("age", [AGE, DECOMPOSED])
@pytest.mark.parametrize("spaced", [SPACED, "sepal length (cm)"])
def test_a_name_is_found_in_every_spelling(age: str, spaced: str) -> None:
    assert age != AGE or DECOMPOSED != AGE
    record = {"unused": 3, spaced: 2.5, age: 1}
    assert inputs.for_program([record], SIGNATURE) == [ROW]
    table = Table((spaced, "unused", age), [[2.5, 3, 1]])
    assert inputs.for_program(table, SIGNATURE) == [ROW]


def test_the_models_own_spelling_goes_first() -> None:
    assert column_names.positions(["a b", "a_b"], ["a_b", "a b"]) == {"a_b": 1, "a b": 0}
    assert column_names.positions([DECOMPOSED, AGE], [DECOMPOSED, AGE]) == {DECOMPOSED: 0, AGE: 1}


@pytest.mark.parametrize(
    ("given", "columns", "text"),
    [
        ([AGE, DECOMPOSED], [AGE], "has unknown"),
        (["a b"], ["a_b", "a  b"], "lacks 'a  b'"),
        (["x y", "x_y"], ["x_y"], "has unknown 'x y'"),
        (["a", "a"], ["a"], "has twice 'a'"),
        (["tonw"], ["town"], "Did you mean 'town'"),
        ([str(i) for i in range(50)], ["a"], "and 30 more"),
    ],
)
def test_what_does_not_fit_is_told(given: list[str], columns: list[str], text: str) -> None:
    assert text in (column_names.fault(given, columns) or "")


def test_a_column_that_is_not_looked_at_may_be_left_out() -> None:
    record = {AGE: 1, SPACED: 2.5}
    assert inputs.for_program([record], OPTIONAL) == [[1, 2.5, None]]
    assert inputs.for_program([record | {"unused": 3}], OPTIONAL) == [ROW]
    assert inputs.for_program(Table((SPACED, AGE), [[2.5, 1]]), OPTIONAL) == [[1, 2.5, None]]
    with pytest.raises(InputMismatch, match="lacks 'unused'"):
        inputs.for_program([record], SIGNATURE)
    with pytest.raises(InputMismatch, match=r"instances\[1\] lacks 'âge'") as caught:
        inputs.for_program([record, {SPACED: 1}], OPTIONAL)
    assert caught.value.field == "$.instances[1]"


def test_a_list_that_is_too_short_is_told_by_its_own_place() -> None:
    with pytest.raises(InputMismatch, match=r"instances\[1\] has 1 values; this model takes 3"):
        inputs.for_program([ROW, [1]], SIGNATURE)
