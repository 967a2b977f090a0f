"""The votes of AdaBoost as older releases of scikit-learn count them, and their bytes."""

import numpy as np

from modelmount_compiler.program.operations.preprocessing.category_codes import Bytes
from modelmount_compiler.program.operations.trees.voting import Samme, SammeFor, SammeReal

CLASSES = np.array(["a", "b", "c"])
WEIGHTS = np.array([2.0, 1.0])
VOTES = (np.array(["a", "b"]), np.array(["a", "c"]))


def test_votes_for_a_class_alone() -> None:
    score = SammeFor(CLASSES, WEIGHTS, 3.0)(*VOTES)
    np.testing.assert_array_equal(score, np.array([[3.0, 0, 0], [0, 2.0, 1.0]]) / 3)


def test_votes_count_against_the_others() -> None:
    score = Samme(CLASSES, WEIGHTS, 3.0)(*VOTES)
    np.testing.assert_allclose(score, np.array([[3.0, -1.5, -1.5], [-1.5, 1.5, 0.0]]) / 3)


def test_logarithms_of_probabilities() -> None:
    shares = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    score = SammeReal(3, 2.0)(shares, shares)
    logs = np.log(np.maximum(shares, np.finfo(float).eps))
    np.testing.assert_allclose(score, 2 * (logs - logs.mean(axis=1)[:, None]))


def test_codes_are_bytes_as_c_casts_them() -> None:
    x = np.array([[3.7, 1.5], [-1.0, np.nan], [256.0, 2.0], [1e30, 3.0], [np.nan, 4.0]])
    found = Bytes((0,))(x)
    np.testing.assert_array_equal(found[:, 0], [3, 255, 0, 0, np.nan])
    np.testing.assert_array_equal(found[:, 1], x[:, 1])
