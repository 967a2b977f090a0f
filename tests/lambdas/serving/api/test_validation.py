"""What a malformed body is told, in sentences."""

from typing import Any

import msgspec
import pytest

from modelmount_compiler.signature import Method
from serving.api import contract, validation
from serving.api.protocols.v2_messages import InferRequest
from serving.errors import BadRequest


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    method: Method = "predict"
    count: int | None = None


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    inner: Inner | None = None
    more: list[Inner] = []
    by_name: dict[str, list[int]] = {}
    text: str | int = ""
    renamed: int = msgspec.field(name="as", default=0)


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ("[]", "$", "The body is a list; it must be an object."),
        ("null", "$", "The body is null; it must be an object."),
        ("{}", "$", "The body lacks the field 'name'."),
        (
            '{"nane": "a"}',
            "$",
            "The body has the unknown field 'nane'; it takes name, inner, more, by_name, text, as."
            " Did you mean 'name'?",
        ),
        ('{"name": true}', "$.name", "name is true or false; it must be a string."),
        ('{"name": "a", "inner": 1}', "$.inner", "is a whole number; it must be an object."),
        (
            '{"name": "a", "more": [{}, {"metod": 1}]}',
            "$.more[1]",
            "more[1] has the unknown field 'metod'; it takes method, count. Did you mean 'method'?",
        ),
        (
            '{"name": "a", "more": [{"method": "transfrom"}]}',
            "$.more[0].method",
            "more[0].method is 'transfrom'; it is one of predict, predict_proba, "
            "decision_function, transform. Did you mean 'transform'?",
        ),
        ('{"name": "a", "by_name": {"x": [1, "y"]}}', "$.by_name[...][1]", "is a string"),
        ('{"name": "a", "text": 1.5}', "$.text", "is a number; it must be a whole number or"),
        ('{"name": "a", "inner": {"count": "x"}}', "$.inner.count", "must be a whole number."),
        ('{"name": "a", "as": "x"}', "$.as", "as is a string; it must be a whole number."),
        ('[{"name": 1}]', "$", "The body is a list"),
    ],
)
def test_a_fault_is_a_sentence(body: str, field: str, text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        contract.decode(msgspec.json.Decoder(Outer), body.encode())
    assert caught.value.field == field
    assert text in str(caught.value)
    assert "`" not in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("[]", "inputs[0].shape doesn't fit: expected a list of length >= 1."),
        ("[-1]", "inputs[0].shape[0] doesn't fit: expected a number >= 0.0."),
        ("3", "inputs[0].shape is a whole number; it must be a list."),
    ],
)
def test_bounds_are_told(shape: str, text: str) -> None:
    body = f'{{"inputs": [{{"name": "a", "shape": {shape}, "datatype": "FP64"}}]}}'
    with pytest.raises(BadRequest) as caught:
        contract.decode(msgspec.json.Decoder(InferRequest), body.encode())
    assert str(caught.value) == text


@pytest.mark.parametrize("expected", [Any, dict[str, Any], list[Outer], Outer | list[Any], int])
def test_any_type_of_body_has_a_text(expected: Any) -> None:
    fault = msgspec.ValidationError("Object contains unknown field `x` - at `$.a[0].b[...]`")
    assert "has the unknown field 'x'" in str(validation.refusal(fault, expected))
