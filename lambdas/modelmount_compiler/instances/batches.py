"""The forms in which a batch of instances comes: a list, a table with column names, an array."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Table:
    """n rows of JSON scalars, with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[list[Any]]

    def __len__(self) -> int:
        return len(self.rows)


# A list of n instances, a table of n rows, or an array of shape (n, k).
Batch = list[Any] | Table | NDArray[Any]
