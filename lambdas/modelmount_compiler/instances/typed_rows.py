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

MOST_KEPT = 64  # ways in which rows of one model differ from its types
MOST_SIGNATURES = 4096  # more than the models that fit into memory


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
        self._exact = tuple(plain_values.KEPT.get(found.kind, Unfit) for found in types)
        self._readers = [_reader(found) for found in types]
        # Where a row differs from that, by the types of its values.
        self._places: dict[tuple[type, ...], tuple[int, ...]] = {}

    def convert(self, rows: Sequence[Row], instances: Sequence[Any]) -> list[Row]:
        """Return the rows with each value as the model's own data would hold it.

        Args:
            rows: values in the order of the columns.
            instances: the lists or records that the rows came as, for the paths of errors.

        Raises:
            InputMismatch: a value doesn't fit its column.
        """
        exact = self._exact
        found = []
        for i, row in enumerate(rows):
            types = tuple(map(type, row))
            found.append(row if types == exact else self._converted(i, row, types, instances[i]))
        return found

    def _converted(self, i: int, row: Row, types: tuple[type, ...], instance: Any) -> Row:
        places = self._places.get(types)
        if places is None:
            pairs = enumerate(zip(types, self._exact, strict=True))
            places = tuple(j for j, (given, exact) in pairs if given is not exact)
            if len(self._places) < MOST_KEPT:
                self._places[types] = places
        converted, readers = row.copy(), self._readers
        try:
            for j in places:
                converted[j] = readers[j](row[j])
        except Unfit:
            self._refuse(i, row, instance)
            raise
        return converted

    def _refuse(self, i: int, row: Row, instance: Any) -> None:
        """Raise an error with the path of the first value that doesn't fit."""
        for j, (read, value) in enumerate(zip(self._readers, row, strict=True)):
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
        if len(_kept) >= MOST_SIGNATURES:
            _kept.clear()
        found = _kept[id(types)] = TypedColumns(types, signature.columns)
    return found


def _reader(found: ColumnType) -> Convert:
    if found.kind in PLAIN:
        return plain_values.reader(found)
    from modelmount_compiler.instances import (  # noqa: PLC0415 (it imports pandas)
        parsed_values,
    )

    return parsed_values.reader(found)
