"""Questions as bytes: what is asked comes through, whatever libraries the other end has."""

import datetime
import math
import pickletools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmount_compiler.instances.batches import NamedTensors, Table
from workers import questions

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800\x00")
)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=9)


def carried(batch: Any, offset: int = 12) -> Any:
    header, body = questions.encode("predict", batch, offset)
    assert (offset + len(header)) % questions.ALIGNMENT == 0
    frame = bytearray(offset + len(header)) + b"".join(body)
    method, found = questions.decode(header, memoryview(frame)[offset + len(header) :])
    assert method == "predict"
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES))
def test_plain_values_come_through(batch: list[Any]) -> None:
    assert repr(carried(batch)) == repr(batch)


@pytest.mark.parametrize(
    "array",
    [
        np.array([[1.5, math.nan, -0.0]]),
        np.arange(6, dtype=np.int8).reshape(3, 2),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(20_000.0).reshape(-1, 2),
        np.array([["a", "Åbo"]]),
        np.array([["a", None, 2]], object),
        np.array([["", ""]]),
        np.array(["2026-01-01", "NaT"], "datetime64[s]"),
        np.array([[1, 2]], ">i4"),
        np.zeros((2, 0)),
        np.array([1 + 2j]),
    ],
)
def test_arrays_come_through_and_can_be_written_to(array: Any) -> None:
    found = carried(array)
    assert found.shape == array.shape
    assert repr(found.tolist()) == repr(array.tolist())
    assert found.flags.writeable
    assert found.flags.aligned
    if array.dtype.kind in "biuf":
        assert found.dtype == array.dtype


def test_tables_and_named_tensors_come_through() -> None:
    table = Table(("a", "b"), [[1, None], ["x", 2.5]])
    assert carried(table) == table
    odd = np.array([True, False, True])
    tensors = NamedTensors({"odd": odd, "x": np.arange(6.0), "t": np.array(["é"], object)}, ("y",))
    found = carried(tensors)
    assert found.outputs == ("y",)
    assert {name: each.tolist() for name, each in found.arrays.items()} == {
        name: each.tolist() for name, each in tensors.arrays.items()
    }
    assert all(each.flags.aligned for each in found.arrays.values())


def test_values_of_libraries_become_plain_ones() -> None:
    odd = [
        np.float64(1.5),
        np.int64(3),
        np.str_("x"),
        np.array([1]),
        (1,),
        datetime.date(2026, 1, 2),
    ]
    assert carried([odd]) == [[1.5, 3, "x", [1], [1], "2026-01-02"]]
    assert [type(each) for each in carried([odd])[0][:3]] == [float, int, str]


def test_a_value_without_a_plain_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="a value is a object"):
        questions.encode("predict", [[object()]], 0)


@pytest.mark.parametrize("batch", [[[1, "x"]], np.ones((2, 2)), np.array([[None]], object)])
def test_a_question_is_no_pickle(batch: Any) -> None:
    header, body = questions.encode("predict", batch, 12)
    for part in (header, *body):
        with pytest.raises(ValueError):  # noqa: PT011 (pickletools says it in many ways)
            list(pickletools.genops(bytes(part)))
        assert b"numpy" not in bytes(part)
