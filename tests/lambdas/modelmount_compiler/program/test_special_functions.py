"""Functions that agree to the last bit with those that the originals call."""

import math

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit, logsumexp

from modelmount_compiler.program.operations import special_functions

RNG = np.random.default_rng(0)
X = np.concatenate((RNG.normal(size=5000) * 5, RNG.normal(size=5000) * 300, [0.0, -0.0, 1e-17]))


def test_the_exponential_is_the_c_librarys() -> None:
    x = X[X < 700]
    assert special_functions.exp(x).tolist() == [math.exp(value) for value in x.tolist()]


def test_the_sigmoid_is_scipys_for_one_value_and_many() -> None:
    expected = expit(X)
    np.testing.assert_array_equal(special_functions.expit(X), expected)
    assert [special_functions.expit(X[k : k + 1])[0] for k in range(200)] == expected[:200].tolist()
    extremes = np.array([-1e4, 1e4, -np.inf, np.inf])
    assert [special_functions.sigmoid(value) for value in extremes.tolist()] == [0.0, 1.0, 0.0, 1.0]


def test_the_softmax_of_one_row_is_that_of_many() -> None:
    for classes in (2, 3, 7, 8, 9, 40):
        rows = RNG.normal(size=(30, classes)) * 10
        together = special_functions.softmax(rows)
        np.testing.assert_allclose(together.sum(axis=1), 1, rtol=1e-14)
        apart = np.concatenate([special_functions.softmax(row[None]) for row in rows])
        np.testing.assert_allclose(apart, together, rtol=1e-14)


def test_the_logarithm_of_a_sum_of_exponentials() -> None:
    rows = RNG.normal(size=(30, 4)) * 100
    expected = logsumexp(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(special_functions.logsumexp(rows), expected, rtol=1e-14)


def test_sums_run_in_order() -> None:
    x = RNG.normal(size=(20, 11))
    expected = []
    for row in x.tolist():
        total = 0.0
        for value in row:
            total += value
        expected.append(total)
    assert special_functions.sequential_sum(x).tolist() == expected


def test_sums_in_pairs_are_those_of_scipys_mahalanobis_distance() -> None:
    for width in (1, 2, 5, 8):
        root = RNG.normal(size=(width, width))
        inverse, x = np.linalg.inv(root @ root.T), RNG.normal(size=(50, width))
        turned = special_functions.even_odd_sum(x[:, None] * inverse)
        expected = cdist(x, np.zeros((1, width)), "mahalanobis", VI=inverse)[:, 0]
        np.testing.assert_array_equal(np.sqrt(special_functions.even_odd_sum(x * turned)), expected)
