"""Categories of LightGBM and XGBoost inside pipelines, column transformers and wrappers.

The libraries find the categories of a data frame by its types, which other steps hand on.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.boosting import Refused
from modelmount_compiler.frameworks.sklearn.columns.evidence import Evidence
from modelmount_compiler.frameworks.sklearn.columns.routing import follow
from modelmount_compiler.program.operations.preprocessing.category_codes import is_number


class _Boosted(Evidence):
    """Collects the categories that boosting libraries learned, by column."""

    def __init__(self, width: int) -> None:
        super().__init__(width, None)
        self.found: dict[int, tuple[Any, ...]] = {}

    def learned(self, place: int | None, values: Any) -> None:
        """Pass over what encoders learned."""

    def boosted(self, place: int | None, values: Any) -> None:
        """Note the categories of a column."""
        if place is not None:
            self.found.setdefault(place, tuple(values))


def boosted_categories(estimator: object, width: int) -> Mapping[int, tuple[Any, ...]]:
    """Return the categories that boosting libraries inside an estimator learned, by column."""
    evidence = _Boosted(width)
    follow(estimator, tuple(range(width)), evidence)
    return evidence.found


def strictest(nested: Iterable[object]) -> Refused:
    """Return which unknown categories the boosting libraries in an estimator refuse."""
    found = {
        library.refused(each)
        for each in nested
        if (library := boosting.library_of(each)) and library.is_fitted(each)
    }
    return "all" if "all" in found else "numbers" if "numbers" in found else "none"


def _is_refused(value: object, refused: Refused) -> bool:
    return refused == "all" or (refused == "numbers" and is_number(value))


def with_categories(
    frame: Any,  # a data frame
    found: Mapping[int, tuple[Any, ...]],
    refused: Refused,
) -> Any:
    """Return a frame in which these columns are categorical, with the categories of the fit.

    Args:
        refused: which unknown categories are refused; others become missing.

    Raises:
        ValueError: a category is unknown, and refused.
    """
    import pandas as pd  # noqa: PLC0415 (models of plain numbers don't need it)

    frame = frame.copy(deep=False)
    for place, categories in found.items():
        known = {category: code for code, category in enumerate(categories)}
        values = frame.iloc[:, place].astype(object).tolist()
        codes = [known.get(value, -1) for value in values]
        for value, code in zip(values, codes, strict=True):
            if code < 0 and not pd.isna(value) and _is_refused(value, refused):
                some = ", ".join(map(repr, categories[:10]))
                raise ValueError(
                    f"{value!r:.100} is no category of {frame.columns[place]!r} that the model "
                    f"was fitted on; it knows {some}; send null for anything else"
                )
        kept = pd.Categorical.from_codes(codes, categories=pd.Index(list(categories)))
        frame.isetitem(place, kept)
    return frame
