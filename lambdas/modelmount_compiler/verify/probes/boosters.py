"""What the boosting libraries' models tell of their columns: categories, and trees."""

from collections.abc import Iterator, Sequence
from typing import Any

from modelmount_compiler.convert.boosting import splits
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.verify.probes.decision_paths import DecisionPaths


def is_fitted(estimator: object) -> bool:
    """Whether it is a fitted estimator of one of the libraries."""
    library = boosting.library_of(estimator)
    return library is not None and hasattr(estimator, "get_params") and library.is_fitted(estimator)


def categories_of(estimator: Any) -> dict[int, Sequence[Any]]:
    """Return the fitted categories by column; none for other estimators."""
    library = boosting.library_of(estimator)
    if library is None or not is_fitted(estimator):
        return {}
    try:
        return dict(library.categories(estimator))
    except ModelRejected:  # it doesn't know them, and is served to nobody
        return {}


def paths_of(estimator: Any) -> Iterator[DecisionPaths]:
    """Yield the trees of a booster; none of a kind that isn't compiled."""
    if not is_fitted(estimator):
        return
    try:
        forest = splits.forest_of(estimator)
    except NotCompilable:
        return
    for tree in forest:
        inner = tree.left >= 0
        by_number = inner if tree.categorical is None else inner & ~tree.categorical
        yield DecisionPaths(tree.left, tree.right, tree.column, tree.value, by_number)
