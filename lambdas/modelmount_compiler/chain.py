"""The record of a chain: several objects that were saved one by one and answer together."""

from dataclasses import dataclass
from typing import Any, Literal

# The module of `frameworks` that describes and serves chains.
RUNTIME = "sklearn"
# What an object does in a chain. Between two objects, `columns` puts columns in an order, and
# `toarray` makes a sparse matrix a dense one.
Role = Literal["encoder", "step", "toarray", "model", "labels", "target", "threshold", "columns"]


@dataclass(frozen=True, slots=True)
class Link:
    """One object of a chain.

    Attributes:
        file: its path below the version's folder; empty where `model.json` states the value.
        format: of the file, a key of `serving.formats.model_formats.BY_NAME`, or `json`.
        item: the name or the place of the object in a container; empty for the whole file.
        columns: the columns that a step takes, or an encoder's one. None for all columns.
        value: what no file holds: names, labels or a threshold.
    """

    role: Role
    file: str = ""
    format: str = ""
    item: str = ""
    columns: tuple[str, ...] | None = None
    value: Any = None

    @property
    def name(self) -> str:
        """How `model.json` refers to the object."""
        return f"{self.file}#{self.item}" if self.item else self.file or self.role


@dataclass(frozen=True, slots=True)
class Chain:
    """The objects of a model, in the order in which they answer.

    Attributes:
        main: the file that the version's folder begins with, below the folder of all files.
        links: encoders of columns, steps and the model, then what decodes the answer.
        columns: the names of the input's columns, where the objects need them by name.
        is_stated: whether `model.json` states the order; else names and widths told it.
        unused: files and items that take no part.
    """

    main: str
    links: tuple[Link, ...]
    columns: tuple[str, ...] | None = None
    is_stated: bool = False
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What the uploader states in `model.json` about objects that belong together.

    An object is named by its file below the version's folder, or by `file#item` in a container.

    Attributes:
        chain: the objects in their order: names, `toarray`, or objects with `file` and `columns`.
        columns: the names of the input's columns, or the file that holds them.
        encoders: the `LabelEncoder` of each column, or the file that holds them by column.
        labels: the names of the classes, or the file that holds them or a `LabelEncoder`.
        target: the scaler of the target.
        threshold: from which probability on the second class is predicted, or the file with it.
    """

    chain: Any = None
    columns: Any = None
    encoders: Any = None
    labels: Any = None
    target: Any = None
    threshold: Any = None
