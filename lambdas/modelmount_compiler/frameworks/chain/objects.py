"""Reads the objects of files: one of each file, or those of a tuple, a list or a dictionary."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from modelmount_compiler.chain import Link
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.frameworks.sklearn import loading
from modelmount_compiler.frameworks.sklearn.introspection import is_estimator, nested_estimators

MOST_ITEMS = 64
RUNTIMES = ("xgboost", "lightgbm", "catboost")


@dataclass(frozen=True, slots=True)
class Found:
    """An object of an upload.

    Attributes:
        label: what it is called: the file's name without extension, or the item's name.
    """

    file: str
    format: str
    item: str
    label: str
    value: Any

    @property
    def name(self) -> str:
        """How `model.json` refers to it."""
        return f"{self.file}#{self.item}" if self.item else self.file

    def link(self, role: Any, columns: Sequence[str] | None = None) -> Link:
        """Return the link of a chain that the object is."""
        names = None if columns is None else tuple(columns)
        return Link(role, self.file, self.format, self.item, names)


def read(path: Path, fmt: str) -> Any:
    """Read what a file holds; raises `ModelRejected` where it can't be loaded."""
    if fmt == "json":
        return json.loads(path.read_bytes())
    if fmt in RUNTIMES:
        return import_runtime(fmt).load(path, fmt)
    if fmt == "onnx":
        text = f"{path.name!r} is an ONNX model, which is a whole by itself: upload it alone."
        raise ModelRejected("AMBIGUOUS_PIECES", text)
    return loading.read(path, fmt)


def items(found: Found) -> list[Found]:
    """Return the objects of a container, or the one object that isn't any.

    Raises:
        ModelRejected: there are too many.
    """
    inner = list(_inner(found.value))
    if len(inner) > MOST_ITEMS:
        text = f"{found.name!r} holds {len(inner)} objects; at most {MOST_ITEMS} are looked at."
        raise ModelRejected("AMBIGUOUS_PIECES", text)
    if not inner:
        return [found]
    return [
        Found(
            found.file,
            found.format,
            str(key),
            key if isinstance(key, str) else found.label,
            loading.completed(value),
        )
        for key, value in inner
    ]


def item_of(value: Any, name: str) -> Any:
    """Return the object of a container by its name or its place."""
    if not name:
        return value
    return loading.completed({str(key): each for key, each in _inner(value)}[name])


def _inner(value: Any) -> Iterator[tuple[str | int, Any]]:
    """Yield the items of a container that holds estimators, and not only one of each column."""
    if not isinstance(value, dict | list | tuple) or not holds_estimators(value):
        return
    if isinstance(value, dict):
        if not is_of_columns(value):
            for key, each in value.items():
                yield str(key), each
    else:
        yield from enumerate(value)


def holds_estimators(value: Any) -> bool:
    """Whether an estimator lies in a value, at any depth."""
    if isinstance(value, Mapping):
        return any(holds_estimators(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(holds_estimators(each) for each in value)
    is_booster = boosting.library_of(value) is not None
    return is_booster or next(nested_estimators(value), None) is not None


def is_of_columns(value: Any) -> bool:
    """Whether a dictionary holds a `LabelEncoder` for each of some columns."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(key, str) for key in value)
        and all(type(each).__name__ == "LabelEncoder" for each in value.values())
    )


def stem(file: str) -> str:
    """Return a file's name without its extension."""
    return PurePosixPath(file).stem


def named(value: Any) -> list[str] | None:
    """Return names of columns, if a value is a list of them or holds one such list alone."""
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    is_listed = isinstance(value, list | tuple) or type(value).__name__ in ("Index", "ndarray")
    if not is_listed or isinstance(value, str) or not len(value):
        return None
    names = list(value)
    return [str(name) for name in names] if all(isinstance(n, str) for n in names) else None


def is_model(value: Any) -> bool:
    """Whether an object predicts."""
    return is_estimator(value) and hasattr(value, "predict")


def is_step(value: Any) -> bool:
    """Whether an object transforms columns."""
    is_of_labels = type(value).__name__ in ("LabelEncoder", "LabelBinarizer")
    return is_estimator(value) and hasattr(value, "transform") and not is_of_labels
