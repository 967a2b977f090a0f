"""Plain instances of the kind that a signature names, of which a sound model answers some."""

from typing import Any

from modelmount_compiler.column_types import ColumnType, Kind
from modelmount_compiler.signature import Signature

NUMBERS = (0.0, 1.0, 0.5, -1.0, 7, 100.0)
TEXTS = ("a", "the quick brown fox", "")
RECORDS: tuple[dict[str, Any], ...] = ({}, {"a": 1.0}, {"a": "x"})
WORDS: tuple[list[Any], ...] = ([], ["a", "b"], [1, 2])
WIDEST = 100_000
# Of columns of numbers, and of those that nothing tells about.
UNTYPED: tuple[tuple[float, Any], ...] = ((1.0, 1), (1.0, "a"), (0.5, 0.5))
BY_KIND: dict[Kind, Any] = {
    "boolean": True,
    "string": "a",
    "category": 1,  # and its text where categories are texts
    "datetime": "2020-01-01T00:00:00",
    "date": "2020-01-01",
    "timedelta": "1 days",
    "decimal": 1,
}


def probes(signature: Signature) -> list[Any]:
    """Return instances: rows by the types of the columns, rows of numbers, then rows of texts."""
    match signature.input:
        case "text":
            return list(TEXTS)
        case "records" | "pairs":
            return list(RECORDS)
        case "tokens":
            return list(WORDS)
    width = len(signature.columns) if signature.columns else signature.n_features or 1
    fills: list[Any] = [*NUMBERS]
    if signature.dtype == "any" and width <= WIDEST:
        fills += [1, *TEXTS, True, None]
    rows = [[fill] * width for fill in fills]
    types = signature.column_types
    if types is None:
        return rows
    nothing = [1.0 if each.kind == "float" else None for each in types]  # null is often known
    one, *typed = [[_value(each, *fill) for each in types] for fill in UNTYPED]
    return [one, nothing, *typed, *rows]


def _value(column: ColumnType, number: float, other: Any) -> Any:
    """Return a value of a column; `other` where nothing tells what it holds."""
    if column.kind == "any":
        return other
    if column.kind == "interval" and column.categories:
        return column.categories[0]
    return BY_KIND.get(column.kind, number if column.kind == "float" else int(number))
