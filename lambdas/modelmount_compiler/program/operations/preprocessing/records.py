"""Operations on records: objects of any names and values."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import derived, operation
from modelmount_compiler.program.operations.sparse_matrix import SparseMatrix, from_lists


@operation
class Vectorize:
    """Puts the values of records into the columns of their names; other names are ignored.

    A text counts as 1 in the column of its name and value. So does each text of a list.

    Attributes:
        names: the names of the columns, shape (width,).
        separator: stands between a name and its text.
    """

    names: NDArray[np.object_]
    separator: str
    _columns: dict[str, int] = derived()

    def __post_init__(self) -> None:
        """Build a dictionary from names to columns."""
        columns = {name: place for place, name in enumerate(self.names.tolist())}
        object.__setattr__(self, "_columns", columns)

    def __call__(self, records: list[dict[str, Any]]) -> SparseMatrix:
        places: list[int] = []
        values: list[float] = []
        starts = [0]
        for record in records:
            row = self._row(record)
            for place in sorted(row):
                places.append(place)
                values.append(row[place])
            starts.append(len(places))
        return from_lists(np.array(values, dtype=np.float64), places, starts, len(self.names))

    def _row(self, record: dict[str, Any]) -> dict[int, float]:
        row: dict[int, float] = {}
        for name, value in record.items():
            for key, number in self._named(name, value):
                place = self._columns.get(key)
                if place is not None:
                    row[place] = row.get(place, 0.0) + number
        return row

    def _named(self, name: str, value: Any) -> list[tuple[str, float]]:
        if isinstance(value, str):
            return [(f"{name}{self.separator}{value}", 1.0)]
        if isinstance(value, list):
            return [(f"{name}{self.separator}{text}", 1.0) for text in value]
        return [(name, np.nan if value is None else float(value))]
