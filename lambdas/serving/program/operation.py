"""What every operation is: an immutable record of what was learned, called with its inputs.

Values that flow between operations:

| kind     | is                                                                              |
|----------|---------------------------------------------------------------------------------|
| `matrix` | float64 array of shape (n, k); booleans or whole numbers if the original's is   |
| `rows`   | n lists of k JSON scalars: numbers, strings, booleans, None                     |
| `texts`  | n strings                                                                       |
| `terms`  | `serving.program.analysis.Analyzed`: what n texts consist of                    |
| `codes`  | one list of n * k numbers, row after row                                        |
| `sparse` | `serving.program.sparse.Sparse`: n rows of k values, most of them zero          |
| `answer` | what a method returns: labels of shape (n,), probabilities, a list of arrays, … |
"""

from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar, dataclass_transform

import numpy as np
from numpy.typing import NDArray

Kind = Literal["matrix", "rows", "texts", "terms", "codes", "sparse", "answer"]
Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Rows = list[list[Any]]
T = TypeVar("T")

PACKAGE = "serving.program"


@dataclass_transform(frozen_default=True, eq_default=False)
def operation(cls: type[T]) -> type[T]:
    """Make a class an operation: a frozen dataclass with `__call__`.

    Its fields are arrays, JSON scalars, and tuples and dicts of these. What follows from them and
    is worth keeping goes into fields with `init=False`, set in `__post_init__`; it isn't stored.
    """
    return dataclass(frozen=True, slots=True, eq=False)(cls)


def name_of(operation: object) -> str:
    """Return the name under which an operation is stored: module and class, `linear.Affine`."""
    cls = type(operation)
    return f"{cls.__module__.removeprefix(PACKAGE + '.')}.{cls.__qualname__}"


def stored(operation: Any) -> dict[str, Any]:  # noqa: ANN401 (any dataclass)
    """Return the fields that are stored."""
    return {f.name: getattr(operation, f.name) for f in fields(operation) if f.init}
