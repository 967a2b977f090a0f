"""Neighbors weighted by their distance, at exact ties, at distance 0 and far away."""

from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.lambdas.modelmount_compiler.convert.comparison import assert_same

pytestmark = pytest.mark.filterwarnings(
    "ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning"
)

RNG = np.random.default_rng(0)
ROWS = 120
GRID = RNG.integers(0, 4, (ROWS, 3)).astype(float)  # most rows lie at the same place as others
CLOUD = RNG.normal(size=(ROWS, 3))
LABELS = RNG.integers(0, 3, ROWS)
FAR = np.array([[1e300, 0, 0], [-1e300, 1e300, 1], [1e30, -1e30, 5], [1e160, 1, 1]])
NEAR = np.concatenate([GRID[:40], GRID[:40] + 1e-9, RNG.integers(0, 5, (40, 3)).astype(float)])


@pytest.mark.parametrize("rows", [GRID, CLOUD], ids=["grid", "cloud"])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("count", [1, 5])
def test_classes(rows: Any, metric: str, count: int) -> None:
    model = KNeighborsClassifier(count, weights="distance", metric=metric)
    assert_same(model.fit(rows, LABELS), rows, NEAR, FAR)


@pytest.mark.parametrize("name", ["several", "names", "scaled", "no-tree"])
def test_other_settings(name: str) -> None:
    model = KNeighborsClassifier(weights="distance", algorithm="auto")
    y: Any = LABELS
    if name == "several":
        y = np.column_stack((LABELS, LABELS[::-1] > 0))
    elif name == "names":
        y = np.array(["a", "b", "c"])[LABELS]
    elif name == "no-tree":
        model.set_params(algorithm="brute")
    fitted = (make_pipeline(StandardScaler(), model) if name == "scaled" else model).fit(CLOUD, y)
    assert_same(fitted, CLOUD, NEAR, FAR)


@pytest.mark.parametrize("algorithm", ["auto", "brute"])
def test_numbers(algorithm: Any) -> None:
    model = KNeighborsRegressor(weights="distance", algorithm=algorithm)
    assert_same(model.fit(CLOUD, CLOUD[:, 0]), CLOUD, NEAR, FAR)
