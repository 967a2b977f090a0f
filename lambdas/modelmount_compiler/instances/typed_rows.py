"""Converts rows of JSON scalars by the types of their columns, whatever the other rows hold."""

from collections.abc import Callable, Sequence
from typing import Any

from modelmount_compiler.column_types import PLAIN, ColumnType
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import checks, plain_values
from modelmount_compiler.instances.plain_values import Unfit
from modelmount_compiler.signature import Signature

Row = list[Any]
Convert = Callable[[Any], Any]

MOST_KEPT = 64
# The type of a value that needs no conversion.
EXACT: dict[str, type] = {"float": float, "integer": int, "string": str, "boolean": bool}


class TypedColumns:
    """The columns of one model, and how a value of each is read.

    Args:
        types: the type of each column.
        names: their names, where they have some.
    """

    def __init__(self, types: tuple[ColumnType, ...], names: tuple[str, ...] | None) -> None:
        self.types = types
        self.names = names
        # No value has the type `Unfit`, so each one of other columns is converted.
        self._exact = tuple(EXACT.get(found.kind, Unfit) for found in types)
        self._converters = [_converter(found) for found in types]

    def convert(self, rows: Sequence[Row], instances: Sequence[Any]) -> list[Row]:
        """Return the rows with each value as the model's own data would hold it.

        Args:
            rows: values in the order of the columns.
            instances: the lists or records that the rows came as, for the paths of errors.

        Raises:
            InputMismatch: a value doesn't fit its column.
        """
        exact = self._exact
        return [
            row if tuple(map(type, row)) == exact else self._converted(i, row, instances[i])
            for i, row in enumerate(rows)
        ]

    def _converted(self, i: int, row: Row, instance: Any) -> Row:
        try:
            return [read(value) for read, value in zip(self._converters, row, strict=True)]
        except Unfit:
            self._refuse(i, row, instance)
            raise

    def _refuse(self, i: int, row: Row, instance: Any) -> None:
        """Raise an error with the path of the first value that doesn't fit."""
        for j, (read, value) in enumerate(zip(self._converters, row, strict=True)):
            try:
                read(value)
            except Unfit as error:
                name = None if self.names is None else self.names[j]
                is_record = isinstance(instance, dict)
                path = f"instances[{i}].{name}" if is_record else f"instances[{i}][{j}]"
                about = "" if is_record or name is None else f" (column {name!r})"
                raise InputMismatch(
                    f"{path}{about} is {checks.described(value)}; {error}.", field=f"$.{path}"
                ) from error


_kept: dict[int, TypedColumns] = {}


def columns_of(signature: Signature) -> TypedColumns:
    """Return the columns of a signature that has types, built once for each signature."""
    types = signature.column_types or ()
    found = _kept.get(id(types))
    if found is None or found.types is not types or found.names is not signature.columns:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[id(types)] = TypedColumns(types, signature.columns)
    return found


def _converter(found: ColumnType) -> Convert:
    if found.kind in PLAIN:
        return plain_values.reader(found)
    from modelmount_compiler.instances import (  # noqa: PLC0415 (it imports pandas)
        parsed_values,
    )

    return parsed_values.reader(found)
