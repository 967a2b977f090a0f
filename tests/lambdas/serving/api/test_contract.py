import json

import numpy as np
import pytest

from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import Table
from serving.api.contract import InferenceResponse, decode_request, encode
from serving.errors import BadRequest, SignatureMismatch


def test_the_method_defaults_to_predict() -> None:
    request = decode_request(b'{"model": "iris", "instances": [[1]]}')
    assert (request.model, request.version, request.asked().method) == ("iris", None, "predict")


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        (b"", None, "Send {"),
        (b"{", None, "truncated"),
        (b"\xff\xfe", None, "JSON"),
        (b'{"model": "iris", "instances": [[NaN]]}', None, "send null"),
        (b'{"model": "iris", "instances": [[-Infinity]]}', None, "send null"),
        (b'{"model": "iris", "instances": ' + b"[" * 100_000, None, "JSON"),
        (b"[]", "$", "object"),
        (b'{"instances": [[1]]}', "$", "model"),
        (b'{"model": "iris"}', "$", "instances"),
        (b'{"model": 3, "instances": [[1]]}', "$.model", "str"),
        (b'{"model": "iris", "instances": {"a": 1}}', "$.instances", "array"),
        (b'{"model": "iris", "instances": []}', "$.instances", "at least one"),
        (b'{"model": "iris", "instances": [1], "instance": 1}', "$", "instance"),
        (
            b'{"model": "iris", "instances": [1], "parameters": {"method": "fit"}}',
            "$.parameters.method",
            "fit",
        ),
    ],
)
def test_a_malformed_request_is_told_by_path(body: bytes, field: str | None, text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_request(body).form()
    assert refused.value.field == field
    assert text in str(refused.value)


SPLIT = b'{"model": "m", "columns": ["a", "b"], "data": [[1, "x"], [2, null]]}'
INPUTS = b'{"model": "m", "inputs": {"a": [1, 2], "b": ["x", null]}}'


@pytest.mark.parametrize("body", [SPLIT, INPUTS])
def test_a_table_comes_whole_or_column_by_column(body: bytes) -> None:
    assert decode_request(body).form().batch == Table(("a", "b"), [[1, "x"], [2, None]])


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        (b'{"model": "m", "columns": ["a"]}', "$", "one of these"),
        (b'{"model": "m", "columns": ["a"], "data": [[1]], "instances": [1]}', "$", "no more"),
        (b'{"model": "m", "inputs": {"a": [1]}, "data": [[1]]}', "$", "no more"),
        (b'{"model": "m", "columns": ["a"], "data": []}', "$.data", "at least one"),
        (b'{"model": "m", "inputs": {}}', "$.inputs", "at least one"),
    ],
)
def test_a_table_that_is_none_is_told(body: bytes, field: str, text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_request(body).form()
    assert refused.value.field == field
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        (b'{"model": "m", "columns": ["a"], "data": [[1], [1, 2]]}', "$.data[1]", "2 values for 1"),
        (b'{"model": "m", "inputs": {"a": [1], "b": []}}', "$.inputs", "'b' has 0"),
    ],
)
def test_a_ragged_table_fits_no_model(body: bytes, field: str, text: str) -> None:
    with pytest.raises(SignatureMismatch) as refused:
        decode_request(body).form()
    assert refused.value.field == field
    assert text in str(refused.value)


def test_integers_keep_all_their_digits() -> None:
    assert encode(outputs.rows(np.array([2**63 - 1]))) == b"[9223372036854775807]"
    assert encode(outputs.rows(np.array([2**64 - 1], "u8"))) == b"[18446744073709551615]"


def test_answers_are_valid_json_whatever_the_numbers() -> None:
    predictions = outputs.rows(np.array([np.nan, np.inf, 1.5]))
    answer = json.loads(encode(InferenceResponse("m", "1", predictions)))
    assert answer == {"model": "m", "version": "1", "predictions": [None, None, 1.5]}


def test_probabilities_of_several_outputs_are_given_instance_by_instance() -> None:
    first, second = np.array([[0.1, 0.9], [0.2, 0.8]]), np.array([[1.0], [0.5]])
    assert outputs.rows([first, second]) == [[[0.1, 0.9], [1.0]], [[0.2, 0.8], [0.5]]]


@pytest.mark.parametrize(
    "labels", [np.array([1, 2]), np.array(["a", "é"]), np.array([True, False]), np.array([0.5, 2])]
)
def test_labels_keep_their_type(labels: np.ndarray) -> None:
    assert json.loads(encode(outputs.rows(labels))) == labels.tolist()
    assert [type(x) for x in outputs.rows(labels)] == [type(x) for x in labels.tolist()]
