"""Types of columns, as pandas infers them."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelmount_compiler.program.operations.preprocessing.column_types import (
    cast_column,
    infer_type,
)

CELLS = [None, True, 1, -1, 2**63, 2**64, 1.5, float("nan"), "a", "", [1]]
TYPES = {"int64": "integer", "uint64": "integer", "float64": "float", "bool": "boolean"}


@pytest.mark.parametrize("length", [1, 2, 3])
def test_types_are_those_of_a_frame(length: int) -> None:
    for column in itertools.product(CELLS, repeat=length):
        series = pd.DataFrame([[cell] for cell in column], columns=["a"])["a"]
        expected = TYPES.get(str(series.dtype), "string" if series.dtype == "str" else "object")
        assert infer_type(column) == expected, column
        for found, value in zip(cast_column(column, infer_type(column)), series, strict=True):
            assert _same(found, value), column


def _same(found: Any, value: Any) -> bool:
    if isinstance(value, float) and np.isnan(value):
        return isinstance(found, float) and np.isnan(found)
    return bool(found == value) and (found is None) == (value is None)
