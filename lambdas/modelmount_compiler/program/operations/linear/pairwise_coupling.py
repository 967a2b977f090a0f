"""Pairwise coupling of probabilities, as libsvm computes it.

The sigmoid is Platt's. Source of the coupling: the second method of Wu, Lin and Weng, "Probability
Estimates for Multi-class Classification by Pairwise Coupling", 2004.
"""

import math

SMALLEST = 1e-7  # of the probability of one class against another


def coupled(scores: list[float], classes: int) -> list[float]:
    """Return the probabilities of classes.

    Args:
        scores: the sigmoid's arguments of the pairs (0, 1), (0, 2), …, (1, 2), ….
        classes: number of classes.
    """
    against = [[0.0] * classes for _ in range(classes)]
    remaining = iter(scores)
    for i in range(classes):
        for j in range(i + 1, classes):
            against[i][j] = min(max(_platt(next(remaining)), SMALLEST), 1 - SMALLEST)
            against[j][i] = 1 - against[i][j]
    return _solved(against)


def _platt(score: float) -> float:
    if score >= 0:
        power = math.exp(-score)
        return power / (1.0 + power)
    return 1.0 / (1 + math.exp(score))


def _solved(against: list[list[float]]) -> list[float]:
    """Find the probabilities p that fit p_i / (p_i + p_j) = against[i][j] best."""
    count = len(against)
    each = range(count)
    q = [[-against[j][i] * against[i][j] for j in each] for i in each]
    for i in each:
        q[i][i] = 0.0
        for j in each:
            q[i][i] += against[j][i] * against[j][i]
    p = [1.0 / count] * count
    for _ in range(max(100, count)):
        qp = [0.0] * count
        for i in each:
            for j in each:
                qp[i] += q[i][j] * p[j]
        pqp = 0.0
        for i in each:
            pqp += p[i] * qp[i]
        if max(abs(value - pqp) for value in qp) < 0.005 / count:
            break
        for i in each:
            step = (-qp[i] + pqp) / q[i][i]
            p[i] += step
            pqp = (pqp + step * (step * q[i][i] + 2 * qp[i])) / (1 + step) / (1 + step)
            for j in each:
                qp[j] = (qp[j] + step * q[i][j]) / (1 + step)
                p[j] /= 1 + step
    return p
