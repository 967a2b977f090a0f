"""The uploader's examples, held against what the model answers."""

import math
from typing import Any

import pytest

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method, Signature
from preparation import examples
from serving.errors import UploadRejected
from serving.formats.model_json import Example, ModelJson
from tests.lambdas.deployment import Deployment
from tests.lambdas.loader.staging.file_sets import entry, objects, upload_all

LABELS = Signature("matrix", "number", 1, None, False, ("predict", "predict_proba"), [0, 1])
NUMBERS = Signature("matrix", "number", 1, None, False, ("predict",))


class Answers(Model):
    """A model that gives these answers whatever it is asked."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    def answer(self, batch: Batch, method: Method) -> Any:
        raise AssertionError("examples are asked by infer")

    def infer(self, batch: Batch, method: Method) -> list[Any]:
        if not batch[0]:  # type: ignore[index]  # a list here
            raise InputMismatch("instances[0] has 0 values; this model takes 1.")
        return self._answers


def check(signature: Signature, expected: Any, got: Any, **fields: Any) -> None:
    example = Example(([1.0],), (expected,), **fields)
    examples.check(ModelJson({}, examples=(example,)), Answers(got), signature)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 1.0000005),
        (1_000_000, 1_000_000.5),
        (0.5, 0.5),
        (None, math.nan),
        (None, -math.inf),
        (None, None),
        ([0.25, 0.75], [0.2500001, 0.7499999]),
        ([[1, None]], [[1.0, math.nan]]),
        ("cat", "cat"),
        (True, True),
    ],
)
def test_what_matches(expected: Any, got: Any) -> None:
    check(NUMBERS, expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 1.1),
        (0, 1e-5),
        (1, math.nan),
        (math.nan, math.nan),
        (None, 0.0),
        (1, "1"),
        (1, True),
        (True, 1),
        ([1, 2], [1]),
        ([1], 1),
        ("cat", "dog"),
    ],
)
def test_what_does_not_match_is_told(expected: Any, got: Any) -> None:
    with pytest.raises(UploadRejected) as refused:
        check(NUMBERS, expected, got)
    assert refused.value.rejection_code == "EXAMPLE_MISMATCH"
    for part in ("examples[0].predictions[0]", f"expected {expected!r}", f"gives {got!r}"):
        assert part in str(refused.value)


def test_labels_must_be_the_same_and_probabilities_may_differ() -> None:
    check(LABELS, 1, 1.0)
    check(LABELS, [0.5, 0.5], [0.51, 0.49], method="predict_proba", tolerance=0.1)
    with pytest.raises(UploadRejected, match="tolerance 0"):
        check(LABELS, 1, 1.05, tolerance=0.1)


def test_what_the_model_refuses_is_a_mismatch() -> None:
    example = Example(([],), (0,))
    with pytest.raises(UploadRejected, match=r"examples\[0\]: instances\[0\] has 0 values"):
        examples.check(ModelJson({}, examples=(example,)), Answers(0), NUMBERS)


def test_a_model_with_another_number_of_answers_is_a_mismatch() -> None:
    example = Example(([1.0],), (0,))
    with pytest.raises(UploadRejected, match="has 1 predictions, the model gives 2"):
        examples.check(ModelJson({}, examples=(example,)), Answers(0, 0), NUMBERS)


def test_a_real_model_that_answers_otherwise_is_rejected(deployment: Deployment) -> None:
    right = {"instances": [[0.0, 0.0]], "predictions": [0]}
    wrong = {"instances": [[1.0, 1.0], [0.0, 0.0]], "predictions": [1, 1]}
    outcome = upload_all(deployment, dict(reversed(objects(examples=[right, wrong]).items())))[-1]
    assert outcome["result"] == "rejected"
    assert entry(deployment)["code"] == "EXAMPLE_MISMATCH"
    assert "examples[1].predictions[1]: expected 1, the model gives 0" in outcome["reason"]
