"""The inverse of the normal distribution against SciPy's."""

import numpy as np
from scipy.special import ndtri

from modelmount_compiler.program.operations.preprocessing.normal_quantiles import TAIL, Normal


def test_values_are_those_of_scipy_to_the_last_bit() -> None:
    random = np.random.default_rng(0)
    outer = 10 ** random.uniform(-7, -0.5, 3000)
    ends = np.array([TAIL, 1 - TAIL, np.nextafter(TAIL, 1), np.nextafter(1 - TAIL, 0), 0.5])
    shares = np.concatenate((random.random(3000), outer, 1 - outer, ends))[None]
    np.testing.assert_array_equal(Normal(-9.0, 9.0)(shares), ndtri(shares))


def test_the_ends_are_cut_off() -> None:
    shares = np.array([[0.0, 1e-9, 1 - 1e-9, 1.0, np.nan]])
    np.testing.assert_array_equal(Normal(-5.0, 5.0)(shares), [[-5, -5, 5, 5, np.nan]])
