"""The operation of the normal distribution's quantile function."""

import math
from typing import TypeVar

import numpy as np

from modelmount_compiler.program.operation import Matrix, operation

# The coefficients are of rational approximations of the quantile function, highest power first.
# Source: S. Moshier, Cephes Mathematical Library, `ndtri`, which SciPy uses. Other approximations
# are as exact, but differ in the last bit, which can change a label.
TAIL = 0.13533528323661269189  # exp(-2); shares below it belong to the tail
ROOT = 2.50662827463100050242  # the square root of 2 pi
Coefficients = tuple[float, ...]
Number = TypeVar("Number", float, Matrix)
MIDDLE: tuple[Coefficients, Coefficients] = (
    (
        -5.99633501014107895267e1,
        9.80010754185999661536e1,
        -5.66762857469070293439e1,
        1.39312609387279679503e1,
        -1.23916583867381258016e0,
    ),
    (
        1.0,
        1.95448858338141759834e0,
        4.67627912898881538453e0,
        8.63602421390890590575e1,
        -2.25462687854119370527e2,
        2.00260212380060660359e2,
        -8.20372256168333339912e1,
        1.59056225126211695515e1,
        -1.18331621121330003142e0,
    ),
)
OUTER: tuple[Coefficients, Coefficients] = (
    (
        4.05544892305962419923e0,
        3.15251094599893866154e1,
        5.71628192246421288162e1,
        4.40805073893200834700e1,
        1.46849561928858024014e1,
        2.18663306850790267539e0,
        -1.40256079171354495875e-1,
        -3.50424626827848203418e-2,
        -8.57456785154685413611e-4,
    ),
    (
        1.0,
        1.57799883256466749731e1,
        4.53907635128879210584e1,
        4.13172038254672030440e1,
        1.50425385692907503408e1,
        2.50464946208309415979e0,
        -1.42182922854787788574e-1,
        -3.80806407691578277194e-2,
        -9.33259480895457427372e-4,
    ),
)


@operation
class Normal:
    """Computes quantiles of the normal distribution, for shares from 0 to 1.

    Attributes:
        low: quantile of the share 0, and the least of all.
        high: quantile of the share 1, and the greatest of all.
    """

    low: float
    high: float

    def __call__(self, shares: Matrix) -> Matrix:
        values: Matrix = _middle(shares)
        outer = (shares <= TAIL) | (shares > 1 - TAIL)
        values[outer] = [self._outer(share) for share in shares[outer].tolist()]
        np.minimum(np.maximum(values, self.low, out=values), self.high, out=values)
        return values

    def _outer(self, share: float) -> float:
        if 0 < share < 1:
            return _tail(share)
        return self.low if share <= 0 else self.high


def _middle(shares: Matrix) -> Matrix:
    y = shares - 0.5
    square = y * y
    numerator, denominator = (_polynomial(square, coefficients) for coefficients in MIDDLE)
    value: Matrix = (y + y * (square * numerator / denominator)) * ROOT
    return value


def _tail(share: float) -> float:
    """Compute the approximation for shares from 1e-14 on; smaller ones are clipped later."""
    x = math.sqrt(-2 * math.log(min(share, 1 - share)))
    z = 1 / x
    numerator, denominator = (_polynomial(z, coefficients) for coefficients in OUTER)
    far = x - math.log(x) / x - z * numerator / denominator
    return -far if share < 0.5 else far


def _polynomial(x: Number, coefficients: Coefficients) -> Number:
    first, second, *others = coefficients
    total = first * x + second
    for coefficient in others:
        total = total * x + coefficient
    return total
