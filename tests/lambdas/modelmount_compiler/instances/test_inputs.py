from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.inputs import for_estimator, for_program
from modelmount_compiler.signature import Signature

NUMBERS = Signature("matrix", "number", 2, None, False, ("predict",))
WITH_MISSING = Signature("matrix", "number", 2, None, True, ("predict",))
ANY = Signature("matrix", "any", 2, None, True, ("predict",))
FRAME = Signature("frame", "any", 2, ("age", "town"), True, ("predict",))
TEXT = Signature("text", "any", None, None, True, ("predict",))


@pytest.fixture(autouse=True, params=["kernel", "without"])
def _with_and_without_the_kernel(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert vars(inputs)["kernel"] is not None
    if request.param == "without":
        monkeypatch.setattr(inputs, "kernel", None)


def test_a_compiled_model_gets_the_same_without_pandas() -> None:
    assert for_program([[1, 2.5]], NUMBERS).tolist() == [[1.0, 2.5]]
    assert for_program([["red", 1], [None, 2.5]], ANY) == [["red", 1], [None, 2.5]]
    assert for_program([{"town": "Åbo", "age": 30}, [31, None]], FRAME) == [[30, "Åbo"], [31, None]]
    assert for_program(["naïve"], TEXT) == ["naïve"]


def test_rows_of_numbers_become_doubles() -> None:
    batch = for_estimator([[1, 2.5], [True, 2**60]], NUMBERS)
    assert batch.dtype == np.float64
    assert batch.tolist() == [[1.0, 2.5], [1.0, float(2**60)]]


def test_integers_past_64_bits_become_doubles_too() -> None:
    assert for_estimator([[10**30, 1]], NUMBERS).tolist() == [[1e30, 1.0]]


def test_null_is_nan_where_the_model_takes_it() -> None:
    batch = for_estimator([[None, 1.0]], WITH_MISSING)
    assert np.isnan(batch[0, 0])
    assert batch[0, 1] == 1.0


def test_mixed_values_are_passed_on_as_they_are() -> None:
    batch = for_estimator([["red", 1], [None, 2.5]], ANY)
    assert batch.dtype == object
    assert batch.tolist() == [["red", 1], [None, 2.5]]


def test_records_and_rows_become_the_same_frame() -> None:
    by_name = for_estimator([{"town": "Åbo", "age": 30}, {"age": 31, "town": None}], FRAME)
    by_order = for_estimator([[30, "Åbo"], [31, None]], FRAME)
    pd.testing.assert_frame_equal(by_name, by_order)
    assert list(by_name.columns) == ["age", "town"]


def test_texts_are_passed_on() -> None:
    assert for_estimator(["naïve", ""], TEXT) == ["naïve", ""]


@pytest.mark.parametrize(
    ("signature", "instances", "field", "text"),
    [
        (NUMBERS, [1.0, 2.0], "$.instances[0]", "list of 2 values"),
        (NUMBERS, [[1.0, 2.0], [1.0]], "$.instances[1]", "has 1 values; this model takes 2"),
        (NUMBERS, [[1.0, 2.0], [1.0, "2"]], "$.instances[1][1]", "is a string"),
        (NUMBERS, [[1.0, [2.0]]], "$.instances[0][1]", "is a list"),
        (NUMBERS, [[[1.0], [2.0]]], "$.instances[0][0]", "is a list"),
        (NUMBERS, [[1.0, {"a": 1}]], "$.instances[0][1]", "is an object"),
        (NUMBERS, [[1.0, None]], "$.instances[0][1]", "no missing values"),
        (NUMBERS, [[1.0, 10**400]], "$.instances[0][1]", "too large"),
        (NUMBERS, [[1.0, -(10**400)]], "$.instances[0][1]", "too large"),
        (NUMBERS, [{"a": 1.0, "b": 2.0}], "$.instances[0]", "without column names"),
        (NUMBERS, ["ab"], "$.instances[0]", "is a string"),
        (NUMBERS, [None], "$.instances[0]", "is null"),
        (ANY, [["red", ["blue"]]], "$.instances[0][1]", "is a list"),
        (FRAME, [{"age": 1}], "$.instances[0]", "lacks 'town'"),
        (FRAME, [{"age": 1, "town": "x", "tow": "y"}], "$.instances[0]", "unknown 'tow'"),
        (FRAME, [[1]], "$.instances[0]", "has 1 values"),
        (FRAME, ["x"], "$.instances[0]", "send an object with age, town"),
        (TEXT, ["fine", 3], "$.instances[1]", "one string an instance"),
        (TEXT, [["no"]], "$.instances[0]", "is a list"),
    ],
)
def test_what_does_not_fit_is_told_by_path(
    signature: Signature, instances: list[Any], field: str, text: str
) -> None:
    with pytest.raises(InputMismatch) as mismatch:
        for_estimator(instances, signature)
    assert mismatch.value.field == field
    assert text in str(mismatch.value)


def test_rows_must_be_alike_where_the_model_does_not_say_how_wide() -> None:
    unknown = Signature("matrix", "any", None, None, True, ("predict",))
    with pytest.raises(InputMismatch, match=r"instances\[1\] has 1 values"):
        for_estimator([[1, 2], [3]], unknown)
