"""What the boosting libraries record about their columns."""

from collections.abc import Mapping
from typing import Any

from modelmount_compiler.column_types import ANY, ColumnType
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.sklearn.columns.evidence import Evidence, Places

# CatBoost compares categories by their texts, and refuses floats and missing ones.
NAMED = ColumnType("category", "object", "refused")
TEXT = ColumnType("string", "str", "refused")


def note(step: Any, places: Places, evidence: Evidence) -> None:
    """Note the categories and texts of a booster; its other columns are numbers."""
    library: Any = boosting.library_of(step)
    if hasattr(step, "get_cat_feature_indices") or hasattr(step, "_get_cat_feature_indices"):
        _catboost(step, places, evidence)
    else:
        booster = step.booster_ if hasattr(step, "booster_") else step.get_booster()
        for position, values in _by_position(library.known_categories(booster)).items():
            evidence.learned(places[position], values)
    evidence.numbers(places)


def _by_position(found: Any) -> Mapping[int, Any]:
    """Return categories by position; XGBoost's reader gives positions and categories apart."""
    return found if isinstance(found, Mapping) else dict(zip(*found, strict=True))


def _catboost(step: Any, places: Places, evidence: Evidence) -> None:
    kinds = (
        (step._get_cat_feature_indices(), NAMED),
        (step._get_text_feature_indices(), TEXT),
        (step._get_embedding_feature_indices(), ANY),
    )
    for positions, found in kinds:
        for position in positions:
            evidence.typed(places[position], found)
