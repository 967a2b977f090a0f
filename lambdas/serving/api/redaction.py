"""Redaction of captured requests: replaces values by the name of their field or column."""

from collections.abc import Iterable, Sequence
from typing import Any

from modelmount_compiler.instances.batches import Batch, NamedTensors, Table
from modelmount_compiler.instances.json_values import to_json_values
from modelmount_compiler.signature import Signature

REDACTED = "[redacted]"
# The name for the whole of an instance that has no names in it, by the kind of input.
NAMELESS = {"text": "text", "matrix": "input"}
PREDICTIONS = "predictions"


class Redaction:
    """Replaces the values of named fields.

    Args:
        names: the columns to redact, at any depth. `input` or `text`, as in the V2 protocol,
            stands for instances without columns, and `predictions` for the answers.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def instances(self, batch: Batch, signature: Signature, part: slice) -> list[Any]:
        """Return a part of a batch's n instances, JSON-ready; rows of a table become objects."""
        if isinstance(batch, Table):
            rows = [dict(zip(batch.columns, row, strict=True)) for row in batch.rows[part]]
            return self._all(rows)
        if isinstance(batch, NamedTensors):
            return self._all([{name: to_json_values(a) for name, a in batch.arrays.items()}])
        some = batch[part]
        items = some if isinstance(some, list) else to_json_values(some)
        if not self._names:
            return items
        if signature.columns is not None:
            return [self._by_place(item, signature.columns) for item in items]
        if NAMELESS.get(signature.input) in self._names:
            return [REDACTED] * len(items)
        return self._all(items)

    def predictions(self, items: list[Any]) -> list[Any]:
        """Return the predictions, redacted where `predictions` is named."""
        return [REDACTED] * len(items) if PREDICTIONS in self._names else items

    def _by_place(self, item: Any, columns: Sequence[str]) -> Any:
        if not isinstance(item, list):
            return self._value(item)
        if len(item) != len(columns):
            return REDACTED  # nothing says which value is which
        pairs = zip(columns, item, strict=True)
        return [REDACTED if name in self._names else self._value(value) for name, value in pairs]

    def _all(self, items: list[Any]) -> list[Any]:
        return [self._value(item) for item in items] if self._names else items

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: REDACTED if k in self._names else self._value(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        return value
