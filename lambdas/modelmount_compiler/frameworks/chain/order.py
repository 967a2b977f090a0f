"""The order of steps that all take all columns: by widths, by what they learned, and by kind."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.chain import widths
from modelmount_compiler.frameworks.chain.objects import Found

MOST_STEPS = 6
# What stands before what, where widths leave it open; no two of one rank are put in order.
RANKS = (
    ("Vectorizer", 0),
    ("Hasher", 0),
    ("TfidfTransformer", 1),
    ("Imputer", 2),
    ("Encoder", 3),
    ("ColumnTransformer", 3),
    ("PolynomialFeatures", 4),
    ("Scaler", 5),
    ("PowerTransformer", 5),
    ("QuantileTransformer", 5),
    ("Normalizer", 6),
    ("Select", 7),
    ("VarianceThreshold", 7),
    ("RFE", 7),
    ("PCA", 8),
    ("SVD", 8),
    ("NMF", 8),
    ("LatentDirichletAllocation", 8),
)
# By how many standard deviations a mean may be off that should be 0.
NEAR = 0.5


def orders(steps: Sequence[Found], last: Any) -> list[list[Found]]:
    """Return the orders in which each step takes what the one before it gives.

    Args:
        last: the model, which takes what the last step gives; None without one.
    """
    if len(steps) > MOST_STEPS:
        return []
    fitting = [
        list(order)
        for order in itertools.permutations(steps)
        if _fits([each.value for each in order], last)
    ]
    plausible = [order for order in fitting if _is_plausible([each.value for each in order])]
    fitting = plausible or fitting
    if len(fitting) < 2:
        return fitting
    ranks = [rank(each.value) for each in steps]
    if None in ranks or len(set(ranks)) < len(ranks):
        return fitting
    usual = sorted(steps, key=lambda each: rank(each.value) or 0)
    return [order for order in fitting if order == usual] or fitting


def rank(step: Any) -> int | None:
    """Return where a step usually stands; None where that isn't known."""
    name = type(step).__name__
    return next((place for part, place in RANKS if part in name), None)


def _fits(steps: list[Any], last: Any) -> bool:
    following = [*steps[1:], *([] if last is None else [last])]
    return all(_follows(step, after) for step, after in zip(steps, following, strict=False))


def _follows(step: Any, after: Any) -> bool:
    """Whether an object takes as many columns as a step gives, of the same names."""
    taken = widths.taken(after)
    if taken is None or widths.kind_taken(after) in widths.SAMPLES:
        # Some don't say how many columns they take.
        return widths.kind_taken(after) not in widths.SAMPLES
    if widths.given(step) != taken:
        return False
    names = widths.names_of(after)
    fitted = widths.names_of(step)
    if names is None or fitted is None:
        return True
    given = widths.names_given(step, fitted)
    return given == names or not set(given) & set(names)


def _is_plausible(steps: list[Any]) -> bool:
    return not any(_contradicts(step, after) for step, after in itertools.pairwise(steps))


def _contradicts(step: Any, after: Any) -> bool:
    """Whether a step gives columns around 0, and the next one learned other means."""
    name = type(step).__name__
    is_centred = (name == "StandardScaler" and step.with_mean) or name.endswith("PCA")
    means, spread = getattr(after, "mean_", None), _spread(after)
    if not is_centred or means is None or spread is None:
        return False
    return bool((np.abs(means) > NEAR * spread).any())


def _spread(step: Any) -> Any:
    """Return the standard deviation of a step's columns, or of all together; None if unknown."""
    variances = getattr(step, "var_", None)
    if variances is not None:
        return np.sqrt(variances)
    explained = getattr(step, "explained_variance_", None)
    return None if explained is None else float(np.sqrt(np.sum(explained)))
