"""Models that take objects or lists of words, asked by V2."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from modelmount_compiler.instances import inputs
from modelmount_compiler.signature import Signature
from serving.api import openapi
from serving.api.protocols import v2_mapping, v2_metadata
from serving.errors import BadRequest, SignatureMismatch

RECORDS = Signature("records", "any", None, None, True, ("predict",))
PAIRS, TOKENS = replace(RECORDS, input="pairs"), replace(RECORDS, input="tokens")


def texts(*values: str) -> Any:
    return np.array(values, dtype=object)


@pytest.mark.parametrize(
    ("signature", "arrays", "found"),
    [
        (RECORDS, {"record": texts('{"a": 1, "b": "x"}', "{}")}, [{"a": 1, "b": "x"}, {}]),
        (PAIRS, {"record": texts('[["a", 1]]', '{"b": 2}')}, [[["a", 1]], [["b", 2]]]),
        (TOKENS, {"words": texts('["a", "b"]')}, [["a", "b"]]),
        (
            RECORDS,
            {"a": np.array([1.5, 2.5]), "b": texts("x", "y")},
            [{"a": 1.5, "b": "x"}, {"a": 2.5, "b": "y"}],
        ),
    ],
)
def test_tensors_become_instances(
    signature: Signature, arrays: dict[str, Any], found: list[Any]
) -> None:
    batch = v2_mapping.batch(arrays, signature)
    assert inputs.for_estimator(batch, signature) == found


@pytest.mark.parametrize(
    ("signature", "arrays", "text"),
    [
        (RECORDS, {"record": texts("{")}, "isn't valid JSON"),
        (RECORDS, {"record": texts('"a"')}, "Row 0 of 'record': The body is a string"),
        (RECORDS, {"record": np.array([1.0])}, "send BYTES"),
        (RECORDS, {"record": texts()}, "no rows"),
        (RECORDS, {"a": texts()}, "no rows"),
        (RECORDS, {"record": np.zeros((1, 2, 3))}, "it must be"),
        (TOKENS, {"a": texts("x"), "b": texts("y")}, "Send one tensor, 'words'"),
    ],
)
def test_what_is_none_is_refused(signature: Signature, arrays: dict[str, Any], text: str) -> None:
    with pytest.raises((BadRequest, SignatureMismatch)) as caught:
        v2_mapping.batch(arrays, signature)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("signature", "name"), [(RECORDS, "record"), (PAIRS, "record"), (TOKENS, "words")]
)
def test_metadata_and_schema_name_the_form(signature: Signature, name: str) -> None:
    told = v2_metadata.inputs(signature)
    assert told == [{"name": name, "datatype": "BYTES", "shape": [-1]}]
    assert openapi.instance(signature) == openapi.NAMED[signature.input]
