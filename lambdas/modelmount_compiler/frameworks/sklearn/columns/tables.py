"""What third-party transformers of tables tell about their columns."""

from typing import Any

from modelmount_compiler.column_types import ANY, FLOAT, ColumnType
from modelmount_compiler.frameworks import third_party
from modelmount_compiler.frameworks.sklearn.columns.evidence import Evidence, Places, at


def note(step: Any, places: Places, evidence: Evidence) -> Places | None:
    """Note what a transformer tells about its columns.

    Returns:
        the places of the columns that it gives, see `routing.follow`; None for other estimators.
    """
    found = third_party.facts(step)
    if found is None:
        return None
    for position, values in found.learned.items():
        evidence.learned(at(places, position), values)
    evidence.numbers([at(places, position) for position in found.numbers])
    for position, value in found.filled.items():
        evidence.filled(at(places, position), _type_of(value), None)
    return [None if position is None else at(places, position) for position in found.given]


def _type_of(value: Any) -> ColumnType:
    if isinstance(value, str):
        return ColumnType("string", "str")
    return FLOAT if isinstance(value, int | float) and not isinstance(value, bool) else ANY
