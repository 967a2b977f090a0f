"""Scalers and functions of each value, compiled, against themselves."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same, title

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 4)) * (1, 30, 0.01, 1e4)
LACKING = np.where(RANDOM.random(X.shape) < 0.1, np.nan, X)
WIDE = RANDOM.normal(size=(100, 4)) * 10.0 ** RANDOM.integers(-6, 7, size=(100, 4))
ODD = np.array([[0, 0, 0, 0], [1e-16] * 4, [np.nan, 1, 2, 3], [1, np.inf, 2, 3], [1e200] * 4])


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        StandardScaler(with_mean=False, with_std=False),
        MinMaxScaler(),
        MinMaxScaler((-1, 3), clip=True),
        MaxAbsScaler(),
        MaxAbsScaler(clip=True),
        RobustScaler(),
        RobustScaler(with_centering=False),
        RobustScaler(with_scaling=False),
        Normalizer("l1"),
        Normalizer("l2"),
        Normalizer("max"),
        Binarizer(threshold=0.3),
        FunctionTransformer(),
        FunctionTransformer(np.log1p),
        FunctionTransformer(np.sqrt, validate=True),
    ],
    ids=title,
)
@pytest.mark.parametrize("data", [X, LACKING], ids=["whole", "lacking"])
@pytest.mark.filterwarnings("ignore:All-NaN|invalid value:RuntimeWarning")
def test_scalers(scaler: Any, data: Any) -> None:
    try:
        scaler.fit(data)
    except ValueError:
        scaler.fit(X)
    assert_same(scaler, X, LACKING, WIDE, *ODD[:, None])


@pytest.mark.parametrize(
    "cell", [None, True, 3, 2.5, "1.5", " 1_0 ", "x", "", 2**53 + 1, [1], {"a": 1}], ids=repr
)
def test_a_frame_of_numbers_takes_what_can_be_read_as_one(cell: Any) -> None:
    frame = pd.DataFrame(X, columns=list("abcd"))
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame, X[:, 0] > 0)
    rows = X[:3].tolist()
    rows[1][2] = cell
    assert_same(estimator, rows, [rows[1]], [rows[1], rows[1]])


@pytest.mark.parametrize("cell", [None, True, 3, -7.5, "1.5", 0])
def test_a_function_of_a_frame(cell: Any) -> None:
    estimator = FunctionTransformer(np.log1p).fit(pd.DataFrame(X, columns=list("abcd")))
    rows = X[:3].tolist()
    rows[1][2] = cell
    assert_same(estimator, rows, [rows[1]], [rows[1], rows[1]])


@pytest.mark.parametrize(
    ("function", "reason"),
    [(lambda x: x, "<lambda>"), (np.flip, "flip"), (np.isnan, "isnan"), (np.add, "add")],
)
def test_other_functions_are_named(function: Any, reason: str) -> None:
    estimator = FunctionTransformer(function, check_inverse=False).fit(X)
    pipeline = make_pipeline(StandardScaler(), estimator, StandardScaler())
    pipeline.steps[0][1].fit(X)
    pipeline.steps[2][1].fit(X)
    with pytest.raises(NotCompilable, match=reason):
        compile_model(pipeline, runtime.describe(StandardScaler().fit(X)))
