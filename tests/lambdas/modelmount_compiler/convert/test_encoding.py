"""Encoders of categories in data frames, arrays of objects and matrices, against themselves."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same, title

RANDOM = np.random.default_rng(0)
ROWS = 200
FRAME = pd.DataFrame(
    {
        "city": RANDOM.choice(np.array(["Zürich", "Köln", "東京", "", None]), ROWS),
        "size": RANDOM.choice(["s", "m", "l", "xl"], ROWS, p=[0.5, 0.3, 0.15, 0.05]),
        "count": RANDOM.integers(0, 4, ROWS),
        "share": RANDOM.choice([0.5, 1.0, 2.0, np.nan], ROWS),
        "ok": RANDOM.random(ROWS) < 0.5,
    }
)
BINARY = RANDOM.integers(0, 2, ROWS)
SEVERAL = np.array(["a", "b", "ç"])[RANDOM.integers(0, 3, ROWS)]
CELLS = [None, True, False, 1, 0, 2.0, 9, "Zürich", "zürich", "new", "", "1", 2**64, 1e300, [1]]


def instances(frame: pd.DataFrame) -> list[list[Any]]:
    return frame.astype(object).replace({np.nan: None}).to_numpy().tolist()


KNOWN = instances(FRAME)


def batches(*, lists: bool = True) -> list[list[Any]]:
    found = [KNOWN[:40], [[None] * 5], [[None] * 5, KNOWN[0]]]
    for column in (0, 2, 3, 4):
        for cell in CELLS:
            if lists or not isinstance(cell, list):
                row = [*KNOWN[3][:column], cell, *KNOWN[3][column + 1 :]]
                found.append([row, KNOWN[5]])
    return found


ENCODERS = [
    OneHotEncoder(),
    OneHotEncoder(handle_unknown="ignore"),
    OneHotEncoder(handle_unknown="ignore", sparse_output=False, drop="first"),
    OneHotEncoder(drop="if_binary", handle_unknown="infrequent_if_exist", min_frequency=45),
    OneHotEncoder(handle_unknown="warn", max_categories=3, dtype=np.int64),
    OrdinalEncoder(),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, min_frequency=45),
]


@pytest.mark.parametrize("encoder", ENCODERS, ids=title)
def test_of_frames(encoder: Any) -> None:
    assert_same(encoder.fit(FRAME), *batches())


@pytest.mark.parametrize("encoder", ENCODERS, ids=title)
@pytest.mark.parametrize("missing", ["NaN", "None"])
def test_of_objects(encoder: Any, missing: str) -> None:
    data = FRAME.astype(object).to_numpy() if missing == "NaN" else np.array(KNOWN, dtype=object)
    assert_same(encoder.fit(data), *batches(lists=False))


@pytest.mark.parametrize("encoder", ENCODERS, ids=title)
def test_of_numbers(encoder: Any) -> None:
    data = FRAME[["count", "share"]].to_numpy()
    assert_same(encoder.fit(data), data[:50], np.array([[0, 7], [1, np.nan]]), [[0, None], [3, 1]])


@pytest.mark.parametrize(
    "target", [BINARY, SEVERAL, RANDOM.normal(size=ROWS)], ids=["binary", "multiclass", "number"]
)
def test_targets(target: Any) -> None:
    assert_same(TargetEncoder().fit(FRAME, target), *batches())


def test_many_categories_stay_sparse() -> None:
    names = pd.DataFrame({"name": [f"n{i}" for i in range(1500)], "other": ["a", "b", "c"] * 500})
    encoder = OneHotEncoder(handle_unknown="ignore").fit(names)
    known = [["n7", "b"], ["n1499", "x"], ["x", "x"], ["n0", "a"]]
    assert_same(encoder, known, known[1:2], known[2:3])


def test_an_unknown_category_is_told() -> None:
    encoder = OneHotEncoder().fit(FRAME)
    program = compile_model(encoder, runtime.describe(encoder))
    with pytest.raises(ValueError, match="'Basel' is no known category of column 0"):
        program.run("transform", [["Basel", *KNOWN[0][1:]]])


def test_single_precision_is_left_to_the_original() -> None:
    encoder = OneHotEncoder(dtype=np.float32).fit(FRAME)
    with pytest.raises(NotCompilable, match="float32"):
        compile_model(encoder, runtime.describe(encoder))
