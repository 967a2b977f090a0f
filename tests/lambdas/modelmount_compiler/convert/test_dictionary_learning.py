"""Learned dictionaries, against themselves."""

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same

X = np.random.default_rng(0).normal(size=(60, 5))
WIDE = np.concatenate([X * 1e6, X * 1e-6, np.zeros((1, 5))])
OPTIONS: dict[str, Any] = {"transform_algorithm": "threshold", "random_state": 0, "max_iter": 20}


@pytest.mark.parametrize(
    "model",
    [
        DictionaryLearning(3, **OPTIONS),
        DictionaryLearning(7, transform_alpha=0.1, **OPTIONS),
        MiniBatchDictionaryLearning(3, alpha=0.5, **OPTIONS),
    ],
    ids=str,
)
def test_codes(model: Any) -> None:
    assert_same(model.fit(X), X, WIDE, np.full((2, 5), np.nan), [[1, True, 3.5, 4, 5]])


def test_in_a_pipeline() -> None:
    model = make_pipeline(DictionaryLearning(3, **OPTIONS), LogisticRegression())
    assert_same(model.fit(X, X[:, 0] > 0), X)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"transform_algorithm": "lasso_cd"}, "codes by lasso_cd"),
        ({"split_sign": True}, "split_sign or positive_code"),
        ({"positive_code": True, "fit_algorithm": "cd"}, "split_sign or positive_code"),
    ],
)
def test_other_settings_are_refused(options: dict[str, Any], reason: str) -> None:
    model = DictionaryLearning(3, **OPTIONS | options).fit(X)
    with pytest.raises(NotCompilable, match=reason):
        compile_model(model, runtime.describe(model))


def test_single_precision_is_refused() -> None:
    model = DictionaryLearning(3, **OPTIONS).fit(X.astype(np.float32))
    with pytest.raises(NotCompilable, match="fitted in float32"):
        compile_model(model, runtime.describe(model))
