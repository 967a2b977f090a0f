"""Answers as bytes: what models give comes back, and nothing else comes through."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from workers import answers

MOST = 10_000


def carried(result: Any) -> Any:
    header, body = answers.encode(result, MOST)
    return answers.decode(header, memoryview(b"".join(body)), MOST)


@pytest.mark.parametrize(
    "result",
    [
        np.array([1.5, math.nan, math.inf]),
        np.arange(6, dtype=np.int8).reshape(3, 2),
        np.array([[True], [False]]),
        np.array(["a", "Åbo", ""]),
        np.array(["", ""]),
        np.array([b"ab", b"c"]),
        np.array([1, "x", None, 2.5, True], object),
        np.array([[1, 2], [3, 4]], np.float16),
        np.array(["2026-01-01", "NaT"], "datetime64[ns]"),
        np.empty((2, 0)),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(10.0)[::3],
        np.array([1, 2], ">i4"),
    ],
)
def test_arrays_come_back(result: Any) -> None:
    found = carried(result)
    assert found.dtype == result.dtype
    assert found.shape == result.shape
    assert repr(found.tolist()) == repr(result.tolist())


def test_what_is_no_array_becomes_one() -> None:
    assert carried([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert carried(sparse.csr_matrix([[0, 1.0]])).tolist() == [[0, 1.0]]
    assert carried(pd.DataFrame({"a": [1], "b": ["x"]})).tolist() == [[1, "x"]]
    several = carried([np.array([1]), np.array(["x"])])
    assert [part.tolist() for part in several] == [[1], ["x"]]
    assert carried(np.array([pd.Timestamp("2026-01-01")], object)).tolist() == [
        "2026-01-01T00:00:00"
    ]


def test_what_cannot_be_told_is_an_error() -> None:
    with pytest.raises(TypeError, match="complex"):
        answers.encode(np.array([1j]), MOST)
    with pytest.raises(TypeError, match="object"):
        answers.encode(np.array([object()]), MOST)
    with pytest.raises(answers.TooLarge):
        answers.encode(np.ones(MOST + 1), MOST)


@pytest.mark.parametrize(
    ("part", "size"),
    [
        ({"dtype": "|O", "shape": [1]}, 8),
        ({"dtype": "<f8", "shape": [2**40, 0]}, 0),
        ({"dtype": "<f8", "shape": [-1]}, 8),
        ({"dtype": "<f8", "shape": [True]}, 8),
        ({"dtype": "<f8", "shape": [2]}, 8),
        ({"dtype": "<f8", "shape": [1]}, 9),
        ({"dtype": "<U1", "shape": [1]}, b"\xff\xff\xff\xff"),
        ({"dtype": "<U1", "shape": [1]}, b"\x00\xd8\x00\x00"),
        ({"dtype": "|b1", "shape": [1]}, b"\x02"),
        ({"dtype": "<f8,<f8", "shape": [1]}, 16),
        ({"dtype": "|V8", "shape": [1]}, 8),
        ({"dtype": "<U999999999", "shape": [1]}, 4),
        ({"dtype": ["f8"], "shape": [1]}, 8),
        ({"dtype": "<f8", "shape": [1] * 99}, 8),
        ({"values": [1, 2], "shape": [1]}, 0),
        ({"values": "ab", "shape": [2]}, 0),
        ({"shape": [1]}, 0),
        ({"dtype": "|i1", "shape": [MOST + 1]}, MOST + 1),
    ],
)
def test_malformed_answers_are_refused(part: dict[str, Any], size: int | bytes) -> None:
    body = size if isinstance(size, bytes) else bytes(size)
    header = json.dumps({"several": False, "arrays": [part]}).encode()
    with pytest.raises(answers.MalformedAnswer):
        answers.decode(header, memoryview(body), MOST)


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(["<f8", "|b1", "<U2", "|S3", "<M8[ns]", "|O", "x"]) | st.text(),
        "shape": st.lists(st.integers(-2, 2**33), max_size=4) | st.none(),
        "values": st.lists(st.none() | st.integers() | st.text(), max_size=4),
    },
)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=64)
    | st.builds(
        lambda several, parts: json.dumps({"several": several, "arrays": parts}).encode(),
        st.booleans() | st.none(),
        st.lists(PARTS, max_size=3),
    ),
    st.binary(max_size=64),
)
def test_any_bytes_are_an_answer_or_refused(header: bytes, body: bytes) -> None:
    try:
        found = answers.decode(header, memoryview(body), MOST)
    except answers.MalformedAnswer:
        return
    arrays = found if isinstance(found, list) else [found]
    assert all(isinstance(array, np.ndarray) for array in arrays)
    assert sum(array.size for array in arrays) <= MOST
    assert all(isinstance(array.tolist(), list) or array.ndim == 0 for array in arrays)


def test_deep_json_is_refused() -> None:
    with pytest.raises(answers.MalformedAnswer):
        answers.decode(b"[" * 200_000, memoryview(b""), MOST)
