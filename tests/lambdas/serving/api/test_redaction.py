from typing import Any

import numpy as np
import pytest

from modelmount_compiler.instances.batches import Table
from modelmount_compiler.signature import Signature
from serving.api.redaction import REDACTED, Redaction

ALL = slice(None)


def signature(kind: Any = "frame", columns: Any = ("age", "town")) -> Signature:
    return Signature(kind, "any", None, columns, True, ("predict",))


@pytest.mark.parametrize(
    ("batch", "shown"),
    [
        ([{"age": 3, "town": "Oslo"}], [{"age": REDACTED, "town": "Oslo"}]),
        ([[3, "Oslo"], [4, None]], [[REDACTED, "Oslo"], [REDACTED, None]]),
        (Table(("town", "age"), [["Oslo", 3]]), [{"town": "Oslo", "age": REDACTED}]),
        (np.array([[3.0, np.nan]]), [[REDACTED, None]]),
        (np.array([[3, "Oslo"]], dtype=object), [[REDACTED, "Oslo"]]),
        ([{"town": {"age": 3, "near": [{"age": 4}]}}], None),
        ([[3, "Oslo", "more"]], [REDACTED]),
        (["plain"], ["plain"]),
    ],
)
def test_a_column_is_kept_out_wherever_it_stands(batch: Any, shown: Any) -> None:
    shown = shown or [{"town": {"age": REDACTED, "near": [{"age": REDACTED}]}}]
    assert Redaction(["age"]).instances(batch, signature(), ALL) == shown


@pytest.mark.parametrize(
    ("kind", "name", "batch"),
    [
        ("text", "text", ["a letter"]),
        ("matrix", "input", [[1, 2]]),
        ("matrix", "input", np.ones((1, 2))),
    ],
)
def test_instances_without_names_are_kept_out_whole(kind: str, name: str, batch: Any) -> None:
    found = signature(kind, None)
    assert Redaction([name]).instances(batch, found, ALL) == [REDACTED]
    assert Redaction(["age"]).instances(batch, found, ALL) == [*np.asarray(batch).tolist()]


def test_answers_are_kept_out_by_their_name() -> None:
    assert Redaction(["age"]).predictions([1, 2]) == [1, 2]
    assert Redaction(["predictions"]).predictions([1, 2]) == [REDACTED] * 2


def test_what_was_sent_is_left_as_it_was() -> None:
    batch = [{"age": 3, "town": ["x"]}]
    Redaction(["age", "town"]).instances(batch, signature(), ALL)
    assert batch == [{"age": 3, "town": ["x"]}]


def test_a_part_is_a_part() -> None:
    table = Table(("age",), [[1], [2], [3]])
    assert Redaction([]).instances(table, signature(), slice(1, 2)) == [{"age": 2}]
    assert Redaction([]).instances([1, 2, 3], signature(), slice(2, 9)) == [3]
