"""Sparse matrices against SciPy's, and hashes against scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse as reference
from sklearn.utils import murmurhash3_32

from modelmount_compiler.program.operations import sparse, sparse_matrix
from modelmount_compiler.program.operations.sparse_matrix import to_sparse
from modelmount_compiler.program.operations.text.term_counts import murmur_hash

RANDOM = np.random.default_rng(0)


def example(rows: int, width: int = 40) -> Any:
    dense = RANDOM.normal(size=(rows, width)) * (RANDOM.random((rows, width)) < 0.1)
    dense[rows // 2] = 0
    return dense


@pytest.mark.parametrize("rows", [1, 2, 30])
@pytest.mark.parametrize("order", ["C", "F"])
def test_products(rows: int, order: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = example(rows)
    weights = np.asarray(RANDOM.normal(size=(40, 3)), order=order)
    expected = reference.csr_array(dense) @ weights
    for cells in (1 << 20, 0):
        monkeypatch.setattr(sparse_matrix, "CELLS_AT_ONCE", cells)
        np.testing.assert_allclose(to_sparse(dense) @ weights, expected, rtol=1e-13)
        np.testing.assert_allclose(to_sparse(dense) @ weights[:, 0], expected[:, 0], rtol=1e-13)


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_shapes(rows: int) -> None:
    left, right = example(rows), example(rows, 5)
    np.testing.assert_array_equal(to_sparse(left).toarray(), left)
    joined = sparse.Beside()(to_sparse(left), right)
    np.testing.assert_array_equal(joined.toarray(), np.hstack((left, right)))
    columns = np.array([1, 7, 8, 39])
    places = np.full(40, -1)
    places[columns] = np.arange(4)
    chosen = sparse.Select(places, 4)(to_sparse(left))
    np.testing.assert_array_equal(chosen.toarray(), left[:, columns])


@pytest.mark.parametrize(
    "term", ["", "a", "ab", "abc", "abcd", "abcde", "東京", "😀" * 9, "x" * 99]
)
def test_hashes(term: str) -> None:
    assert murmur_hash(term) == murmurhash3_32(term)


def test_rows_that_are_not_finite_are_refused() -> None:
    x = to_sparse(np.array([[0.0, np.nan]]))
    with pytest.raises(ValueError, match="NaN"):
        sparse.Finite(False)(x)
    assert sparse.Finite(True)(x) is x


def test_a_product_is_that_of_scipy_to_the_last_bit() -> None:
    dense = example(30, 400)
    weights = RANDOM.normal(size=(400, 3))
    for rows in (dense, dense[:1], dense[15:16]):
        expected = reference.csr_array(rows) @ weights
        np.testing.assert_array_equal(to_sparse(rows) @ weights, expected)
        np.testing.assert_array_equal(to_sparse(rows).dot(weights[:, 0]), expected[:, 0])
