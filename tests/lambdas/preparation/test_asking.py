"""An upload is asked as callers would ask it; what nobody can ask is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.signature import Method, Signature
from preparation import asking
from preparation.stages import Progress
from serving.errors import UploadRejected

QUIET = Progress(lambda _: None)
NUMBERS = Signature("matrix", "number", 2, None, False, ("predict", "transform"))


def asked(model: Any, answered: tuple[Method, ...] = ()) -> Signature:
    signature = runtime.describe(model)
    return asking.ask(model, runtime.Model(model, signature), signature, QUIET, answered)


class Fails(BaseEstimator):  # type: ignore[misc]  # untyped
    """Has two methods; what they do with rows is given."""

    def __init__(self, predict: Callable[[Any], Any], transform: Callable[[Any], Any]) -> None:
        self.predict, self.transform = predict, transform
        self.n_features_in_, self.fitted_ = 2, True


def no(_: Any) -> Any:
    raise RuntimeError("never")


def zeros(x: Any) -> Any:
    return np.zeros(len(x))


def ask_fails(model: Fails, answered: tuple[Method, ...] = ()) -> Signature:
    return asking.ask(model, runtime.Model(model, NUMBERS), NUMBERS, QUIET, answered)


def test_a_method_that_answers_no_row_is_not_offered() -> None:
    assert ask_fails(Fails(zeros, no)).methods == ("predict",)
    assert ask_fails(Fails(no, zeros)).methods == ("transform",)
    assert ask_fails(Fails(zeros, zeros)).methods == ("predict", "transform")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (no, "RuntimeError: never"),
        (lambda x: np.zeros(len(x), complex), "complex128"),
        (lambda _: np.zeros(1000), "none of the"),
        (lambda x: np.array([object()] * len(x)), "holds a object"),
    ],
)
def test_a_model_that_nobody_can_ask_is_refused(answer: Any, told: str) -> None:
    with pytest.raises(UploadRejected, match="answered none of the") as caught:
        ask_fails(Fails(answer, no))
    assert caught.value.rejection_code == "CANNOT_BE_ASKED"
    assert told in str(caught.value)
    assert "model.json" in str(caught.value)


def test_want_of_memory_is_told_as_that() -> None:
    def large(_: Any) -> Any:
        raise MemoryError

    with pytest.raises(MemoryError):
        ask_fails(Fails(large, large))


def test_an_example_of_the_uploader_shows_that_a_method_answers() -> None:
    assert ask_fails(Fails(no, no), ("predict",)).methods == ("predict",)


CODES = pd.DataFrame({"code": ["x-17", "x-18"] * 10, "floor": [3, 7] * 10})


@pytest.mark.parametrize(
    ("model", "fitted"),
    [
        (OneHotEncoder(), CODES),
        (OneHotEncoder(), CODES[["code"]].to_numpy(object)),
        (make_pipeline(OrdinalEncoder(), LogisticRegression()), CODES),
        (IsotonicRegression(out_of_bounds="raise"), np.array([7001.0, 7002.0] * 10)),
        (FunctionTransformer(np.log, validate=True), np.ones((20, 2))),
    ],
)
def test_values_that_a_model_learned_are_tried(model: Any, fitted: Any) -> None:
    assert asked(model.fit(fitted, [0, 1] * 10)).methods


def test_an_answer_that_json_cannot_tell_is_none() -> None:
    model = FunctionTransformer(np.fft.fft).fit(np.ones((4, 2)))
    with pytest.raises(UploadRejected, match="TypeError: its answer is an array of complex128"):
        asked(model)


def test_a_slow_model_keeps_the_methods_that_there_was_no_time_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "MOST_SECONDS", 0.0)
    assert ask_fails(Fails(no, no)).methods == NUMBERS.methods
