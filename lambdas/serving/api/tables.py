"""Tables from named columns."""

from collections.abc import Mapping
from typing import Any

from modelmount_compiler.instances.batches import Table
from serving.errors import SignatureMismatch


def table(columns: Mapping[str, list[Any]]) -> Table:
    """Return the table of n rows of columns of length n; raises `SignatureMismatch` otherwise."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        raise SignatureMismatch(f"All inputs must have as many values: {told}.", field="$.inputs")
    return Table(tuple(columns), [list(row) for row in zip(*columns.values(), strict=True)])
