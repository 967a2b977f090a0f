"""Power and quantile transforms, bins, products of columns and splines, against themselves."""

from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import (
    KBinsDiscretizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    SplineTransformer,
)

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(150, 4)) * (1, 30, 0.01, 3)
X[:, 3] = np.round(X[:, 3])
LACKING = np.where(RANDOM.random(X.shape) < 0.1, np.nan, X)
WIDE = RANDOM.normal(size=(100, 4)) * 10.0 ** RANDOM.integers(-6, 7, size=(100, 4))
NEAR = np.nextafter(X, np.where(RANDOM.random(X.shape) < 0.5, -np.inf, np.inf))
ODD = np.array([[0, 0, 0, 0], [np.nan, 1, 2, 3], [np.nan] * 4, [1, -np.inf, 2, 3], [1e300] * 4])
BATCHES = (X, NEAR, WIDE, LACKING, *ODD[:, None])


@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("powers", [None, 0.0, 2.0, -1.5], ids=str)
def test_powers(method: Any, standardize: bool, powers: float | None) -> None:
    data = np.abs(X) + 0.1
    transformer = PowerTransformer(method, standardize=standardize).fit(data)
    if powers is not None:
        transformer.lambdas_ = np.full(4, powers)
    positive = (data, np.abs(WIDE), np.array([[1e-300, 1, 1e9, 2]]))
    assert_same(transformer, *BATCHES, *positive)


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize("data", [X, LACKING], ids=["whole", "lacking"])
def test_quantiles(distribution: Any, data: Any) -> None:
    transformer = QuantileTransformer(n_quantiles=60, output_distribution=distribution).fit(data)
    ends = transformer.quantiles_[[0, -1]]
    assert_same(transformer, *BATCHES, ends, ends + 5e-8, ends - 2e-7)


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
@pytest.mark.filterwarnings("ignore:(Bins whose width|Feature 3 is constant):UserWarning")
def test_bins(encode: Any, strategy: Any) -> None:
    transformer = KBinsDiscretizer(
        5, encode=encode, strategy=strategy, quantile_method="averaged_inverted_cdf"
    ).fit(np.column_stack((X, np.ones(len(X))))[:, 1:])
    edges = np.array([e[1] for e in transformer.bin_edges_])[None]
    edges[~np.isfinite(edges)] = 0
    assert_same(transformer, *BATCHES, edges, np.nextafter(edges, -np.inf))


@pytest.mark.parametrize("degree", [1, 2, (0, 1), (2, 3), 4], ids=str)
@pytest.mark.parametrize("interaction_only", [True, False])
@pytest.mark.parametrize("include_bias", [True, False])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_products(degree: Any, interaction_only: bool, include_bias: bool) -> None:
    transformer = PolynomialFeatures(
        degree, interaction_only=interaction_only, include_bias=include_bias
    ).fit(X)
    assert_same(transformer, *BATCHES)


@pytest.mark.parametrize("extrapolation", ["continue", "constant", "linear", "error", "periodic"])
@pytest.mark.parametrize("degree", [2, 3, 4])
@pytest.mark.parametrize("knots", ["uniform", "quantile"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_splines(extrapolation: Any, degree: int, knots: Any) -> None:
    transformer = SplineTransformer(
        degree=degree,
        extrapolation=extrapolation,
        knots=knots,
        include_bias=degree == 3,
        handle_missing="zeros" if degree == 4 else "error",
    ).fit(X[:, :3])
    inner = np.quantile(X[:, :3], RANDOM.random(50), axis=0)
    ends = np.array([[s.t[degree] for s in transformer.bsplines_]])
    batches = [b[:, :3] for b in BATCHES if not np.isinf(b).any() or extrapolation != "linear"]
    assert_same(transformer, *batches, inner, ends, np.nextafter(ends, -np.inf))


@pytest.mark.parametrize("degree", [0, 1])
@pytest.mark.parametrize("extrapolation", ["continue", "error", "periodic"])
def test_steps_and_lines(degree: int, extrapolation: Any) -> None:
    assert_same(SplineTransformer(degree=degree, extrapolation=extrapolation).fit(X), *BATCHES)


def test_what_the_original_itself_gets_wrong_is_left_to_it() -> None:
    transformer = SplineTransformer(degree=1, extrapolation="linear").fit(X)
    with pytest.raises(NotCompilable, match="degree 0 or 1"):
        compile_model(transformer, runtime.describe(transformer))
