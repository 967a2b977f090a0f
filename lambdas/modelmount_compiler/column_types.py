"""What the values of one column mean: the type that a model was fitted with."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "float",
    "integer",
    "boolean",
    "string",
    "category",
    "datetime",
    "date",
    "timedelta",
    "interval",
    "decimal",
    "any",
]
Null = Literal["nan", "none", "nat", "na", "refused"]

# Kinds whose values JSON has itself; the others are written as texts.
PLAIN = frozenset({"float", "integer", "boolean", "string", "category", "any"})


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The type of one column, settled once for all requests.

    Attributes:
        kind: what the column holds. A `category` is a text or a whole number, compared by its
            text. Nothing in the model tells what `any` holds.
        dtype: of the column at the fit, as pandas spells it, such as `float64`,
            `datetime64[us, UTC]` or `interval[int64, right]`. `object` holds Python's values.
        null: the missing value that the model knows, or that it takes none.
        dtype_with_null: of a column that lacks a value, where `dtype` can't hold that.
        categories: the fitted intervals, as texts.
    """

    kind: Kind
    dtype: str
    null: Null = "nan"
    dtype_with_null: str = ""
    categories: tuple[str, ...] | None = None


ANY = ColumnType("any", "object")
FLOAT = ColumnType("float", "float64")
BOOLEAN = ColumnType("boolean", "bool", "refused")
