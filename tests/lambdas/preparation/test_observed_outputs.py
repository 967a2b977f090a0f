"""What is noted of answers: datatype and shape, as V2's metadata tells them."""

from typing import Any

import numpy as np
import pytest

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances import datatypes
from modelmount_compiler.tensors import Tensor
from preparation.observed_outputs import ObservedModel


class Answering(Model):
    def __init__(self, *answers: Any) -> None:
        self._answers = iter(answers)

    def answer(self, batch: Any, method: Any) -> Any:
        return next(self._answers)


@pytest.mark.parametrize(
    ("answers", "outputs"),
    [
        ([np.zeros((2, 3), "f4")], (Tensor("predict", "FP32", (-1, 3)),)),
        ([np.array(["a"]), np.array(["b"])], (Tensor("predict", "BYTES", (-1,)),)),
        ([np.zeros(2, "i4"), np.zeros(1, "i4")], (Tensor("predict", "INT32", (-1,)),)),
        ([np.zeros(2, "i8"), np.zeros(1)], (Tensor("predict", "FP64", (-1,)),)),
        ([np.zeros((2, 3)), np.zeros((2, 4))], (Tensor("predict", "FP64", (-1, -1)),)),
        (
            [[np.zeros((2, 3)), np.array([True, False])]],
            (Tensor("predict_0", "FP64", (-1, 3)), Tensor("predict_1", "BOOL", (-1,))),
        ),
    ],
)
def test_the_form_of_answers_is_noted(answers: list[Any], outputs: tuple[Tensor, ...]) -> None:
    model = ObservedModel(Answering(*answers))
    for answer in answers:
        assert model.answer([[1]], "predict") is answer
    assert model.outputs() == outputs


@pytest.mark.parametrize(
    ("given", "promised", "datatype"),
    [
        (np.array([0.1]), "FP32", "FP32"),
        (np.array([1], "i4"), "INT64", "INT64"),
        (np.array([2**40]), "INT32", "INT64"),
        (np.array([1.5]), "INT64", "FP64"),
        (np.array([True]), "FP64", "BOOL"),
        (np.array(["x"]), "FP64", "BYTES"),
        (np.array([1.0]), "", "FP64"),
    ],
)
def test_an_answer_is_given_as_promised_where_it_can(
    given: Any, promised: str, datatype: str
) -> None:
    found, array = datatypes.of(given, promised)
    assert found == datatype
    assert array.tolist() == pytest.approx(given.tolist()) or datatype == "BYTES"
