from typing import Any

import numpy as np
import pytest

from modelmount_compiler.instances import fault_search
from modelmount_compiler.instances.batches import Rows, Table
from modelmount_compiler.instances.fault_search import Exhausted, Search


def refuses_bad(batch: Rows) -> None:
    """A model of rows that each can be asked alone, and that takes no 'bad' and no NaN."""
    rows: Any = batch.rows if isinstance(batch, Table) else batch
    for row in rows:
        values = list(row.values()) if isinstance(row, dict) else list(np.atleast_1d(row))
        if any(value == "bad" or value != value for value in values):  # noqa: PLR0124 (NaN)
            raise ValueError(str(values))


@pytest.mark.parametrize("n", [1, 2, 3, 17, 1000])
def test_the_first_row_at_fault_is_found(n: int) -> None:
    for place in {0, n // 2, n - 1}:
        batch: list[Any] = [["good", "good"] for _ in range(n)]
        batch[place] = ["good", "bad"]
        batch[-1] = batch[-1] if place == n - 1 else ["bad", "good"]
        search = Search(refuses_bad)
        assert search.row(batch) == place
        assert search.calls <= 11


@pytest.mark.parametrize("width", [1, 2, 33, 500])
def test_the_first_value_at_fault_is_found(width: int) -> None:
    for place in {0, width // 2, width - 1}:
        values: list[Any] = ["good"] * width
        values[place] = values[-1] = "bad"
        sound = ["fine"] * width
        names = tuple(f"c{i}" for i in range(width))
        forms: list[tuple[Rows, Rows, Any]] = [
            ([values], [sound], place),
            (Table(names, [values]), Table(names, [sound]), names[place]),
            (
                [dict(zip(names, values, strict=True))],
                [dict(zip(names, sound, strict=True))],
                names[place],
            ),
        ]
        for row, other, found in forms:
            assert Search(refuses_bad).cell(row, [[["bad"] * width], other]) == found


def test_arrays_are_searched_too() -> None:
    batch = np.zeros((8, 4))
    batch[5, 2] = np.nan
    search = Search(refuses_bad)
    assert search.row(batch) == 5
    assert search.cell(batch[5:6], [batch[:1]]) == 2


def test_the_search_is_bounded() -> None:
    search = Search(refuses_bad)
    for _ in range(fault_search.MOST_CALLS):
        assert search.refuses([["bad"]])
    with pytest.raises(Exhausted):
        search.refuses([["bad"]])
    late = Search(refuses_bad, ends=0.0)
    with pytest.raises(Exhausted):
        late.refuses([["good"]])


def test_rows_that_are_refused_together_alone_have_no_first() -> None:
    def takes_one(batch: Rows) -> None:
        if len(batch) > 1:
            raise ValueError("one at a time")

    assert Search(takes_one).row([[1], [2], [3]]) is None


def test_a_text_has_no_columns() -> None:
    assert Search(refuses_bad).cell(["bad"], [["good"]]) is None
