from dataclasses import replace
from typing import Any

import pytest

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Table
from modelmount_compiler.signature import Signature

RECORDS = Signature("records", "any", None, None, True, ("transform",))
PAIRS, TOKENS = replace(RECORDS, input="pairs"), replace(RECORDS, input="tokens")


@pytest.mark.parametrize(
    ("signature", "given", "found"),
    [
        (RECORDS, [{"a": 1, "b": "x", "c": ["y", "z"], "d": None}, {}], None),
        (PAIRS, [{"a": 1, "b": "x"}], [[["a", 1], ["b", "x"]]]),
        (PAIRS, [[["a", 1], ["a", 2]], []], None),
        (TOKENS, [["a", "b"], [], [1, 2]], None),
        (RECORDS, Table(("a", "b"), [[1, None], [2, "x"]]), [{"a": 1}, {"a": 2, "b": "x"}]),
        (PAIRS, Table(("a",), [[1]]), [[["a", 1]]]),
    ],
)
def test_instances_are_taken_as_they_are(signature: Signature, given: Any, found: Any) -> None:
    wanted = given if found is None else found
    assert inputs.for_estimator(given, signature) == wanted
    assert inputs.for_program(given, signature) == wanted


@pytest.mark.parametrize(
    ("signature", "instance", "field"),
    [
        (RECORDS, [1], "$.instances[1]"),
        (RECORDS, "a", "$.instances[1]"),
        (RECORDS, {"a": [1]}, "$.instances[1].a"),
        (RECORDS, {"a": {"b": 1}}, "$.instances[1].a"),
        (RECORDS, {"a": 10**400}, "$.instances[1].a"),
        (PAIRS, [["a"]], "$.instances[1][0]"),
        (PAIRS, [["a", [1]]], "$.instances[1][0][1]"),
        (PAIRS, 5, "$.instances[1]"),
        (TOKENS, {"a": 1}, "$.instances[1]"),
        (TOKENS, ["a", None], "$.instances[1][1]"),
        (TOKENS, [["a"]], "$.instances[1][0]"),
    ],
)
def test_what_is_of_another_kind_is_refused(
    signature: Signature, instance: Any, field: str
) -> None:
    sound: Any = ["a"] if signature is TOKENS else {"a": 1}
    with pytest.raises(InputMismatch) as caught:
        inputs.for_estimator([sound, instance], signature)
    assert caught.value.field == field


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(InputMismatch, match="twice"):
        inputs.for_estimator(Table(("a", "a"), [[1, 2]]), RECORDS)
