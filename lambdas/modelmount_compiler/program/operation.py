"""Operations: immutable records of learned values, which are called with their inputs.

Values that flow between operations:

| kind     | is                                                                              |
|----------|---------------------------------------------------------------------------------|
| `matrix` | float64 array of shape (n, k); booleans or whole numbers if the original's is   |
| `rows`   | n lists of k JSON scalars: numbers, strings, booleans, None                     |
| `texts`  | n strings                                                                       |
| `records`| n objects of names and values                                                   |
| `terms`  | `operations.text.tokenizer.TermLists`: the terms of n texts                     |
| `codes`  | one list of n * k numbers, row after row                                        |
| `sparse` | `operations.sparse_matrix.SparseMatrix`: n rows of k values, mostly zero        |
| `answer` | what a method returns: labels of shape (n,), probabilities, a list of arrays, … |
"""

import importlib
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar, dataclass_transform

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program import operations

Kind = Literal["matrix", "rows", "texts", "records", "terms", "codes", "sparse", "answer"]
Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Rows = list[list[Any]]
T = TypeVar("T")

# The number of columns of a sparse matrix, of which nothing is as large.
SparseWidth = Annotated[int, "sparse"]

STORED, COUNTS = "_stored", "_counts"
_COUNTS: tuple[Any, ...] = (int, int | None, tuple[int, ...])
_DERIVED = object()


def derived(*, init: Literal[False] = False) -> Any:  # noqa: ARG001 (as dataclasses.field)
    """Declare a field that follows from the others: set in `__post_init__`, and not stored."""
    return _DERIVED


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(derived,))
def operation(cls: type[T]) -> type[T]:
    """Make a class an operation: it is made of its annotated names, never changes, and is called.

    The names are of arrays, JSON scalars, and tuples and dicts of these. What follows from them
    and is worth keeping is `derived`. A frozen dataclass would do the same, but writes and
    compiles six methods for each class: a third of a millisecond, a dozen times in a cold start.
    """
    names = tuple(n for n in cls.__annotations__ if cls.__dict__.get(n) is not _DERIVED)
    for name in set(cls.__annotations__) - set(names):
        delattr(cls, name)
    counts = tuple(n for n in names if cls.__annotations__[n] in _COUNTS)
    made: dict[str, object] = {STORED: names, COUNTS: counts, "__setattr__": _refuse}
    made["__init__"] = _constructor(cls, names)
    for name, value in made.items():
        setattr(cls, name, value)
    return cls


def _constructor(cls: type[Any], names: tuple[str, ...]) -> Callable[..., None]:
    required = frozenset(name for name in names if not hasattr(cls, name))
    complete = getattr(cls, "__post_init__", None)

    def construct(self: object, *values: object, **named: object) -> None:
        given = dict(zip(names, values, strict=False), **named)
        if len(given) != len(values) + len(named) or not required <= given.keys() <= {*names}:
            raise TypeError(f"{cls.__name__} is made of {', '.join(names)}")
        self.__dict__.update(given)
        if complete is not None:
            complete(self)

    return construct


def _refuse(self: object, name: str, _value: object) -> None:
    raise AttributeError(f"{type(self).__name__} doesn't change: {name!r} can't be set")


def name_of(operation: object) -> str:
    """Return the name under which an operation is stored: family and class, `linear.Affine`.

    Raises:
        ValueError: its module is not among `operations.MODULES`, so that no file can name it.
    """
    cls = type(operation)
    module = cls.__module__.removeprefix(f"{operations.__name__}.")
    for family, place in operations.MODULES.items():
        if place == module:
            return f"{family}.{cls.__qualname__}"
    raise ValueError(f"{cls.__module__}.{cls.__qualname__} is no operation that a file can hold")


def class_of(name: str) -> type[Any]:
    """Return the class of the operation that is stored under a name.

    Raises:
        ValueError: this version has no such operation.
    """
    family, _, cls = name.partition(".")
    found: type[Any] | None = None
    if family in operations.MODULES:
        module = importlib.import_module(f"{operations.__name__}.{operations.MODULES[family]}")
        found = getattr(module, cls, None)
    if found is None or not hasattr(found, STORED):
        raise ValueError(
            f"this version of modelmount_compiler has no operation {name!r}: install the one that "
            "wrote the file, or compile the model again with this one"
        )
    return found


def check_counts(cls: type[Any], fields: dict[str, Any], most: int) -> None:
    """Raise ValueError if a field that counts something is no whole number up to `most`."""
    for name in getattr(cls, COUNTS):
        value = fields.get(name)
        for number in value if isinstance(value, tuple) else (value,):
            if number is not None and not (isinstance(number, int) and -most <= number <= most):
                raise ValueError(f"{cls.__name__}: {name} is damaged: {number!r:.40}")


def stored(operation: Any) -> dict[str, Any]:
    """Return the fields that are stored."""
    return {name: getattr(operation, name) for name in getattr(operation, STORED)}
