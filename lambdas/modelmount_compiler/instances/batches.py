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


@dataclass(frozen=True, slots=True)
class NamedTensors:
    """The inputs of a graph by name, as they are; only models with `Signature.tensors` take them.

    They count as one instance. The answer is a list of arrays, one for each of `outputs`, as the
    graph gives them.

    Attributes:
        outputs: names of the outputs that are wanted.
    """

    arrays: dict[str, NDArray[Any]]
    outputs: tuple[str, ...]

    def __len__(self) -> int:
        """Return 1: nothing here says which axis counts instances."""
        return 1


# A list of n instances, a table of n rows, or an array of shape (n, …).
Rows = list[Any] | Table | NDArray[Any]
Batch = Rows | NamedTensors
