"""Builds the data that a model would be asked about by who fitted it, from JSON instances.

It knows nothing of the conversion that serves requests, so that a fault there shows. Columns hold
the values that the model learned, and pandas and NumPy choose the types, as they did at the fit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.column_types import ANY, FLOAT, ColumnType
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.probes.learned_values import all_are, is_missing, to_json

EXACT = 2**53  # from here on, whole numbers beside a gap can't be floats
TYPES: dict[str, tuple[type, ...]] = {
    "float": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "string": (str,),
    "category": (str, int),
    "any": (bool, int, float, str),
}


class Unclear(Exception):
    """Nobody can say what data an instance stands for."""


class FittedData:
    """Builds arrays and data frames of the types that a model was fitted with.

    Args:
        signature: the model's inputs.
        learned: by column, the categories that the model learned.
    """

    def __init__(self, signature: Signature, learned: dict[int, list[Any]]) -> None:
        self._signature = signature
        width = len(signature.columns or ()) or signature.n_features or 0
        types = signature.column_types or (FLOAT if signature.dtype == "number" else ANY,) * width
        self._columns = [_Column(found, learned.get(i, [])) for i, found in enumerate(types)]

    def batch(self, instances: Sequence[Any]) -> Any:  # an array, a data frame or a list
        """Return the data; raises `Unclear`."""
        if self._signature.input == "text":
            return _of(instances, str)
        rows = [self._values(instance) for instance in instances]
        columns = [
            column.values([row[i] for row in rows]) for i, column in enumerate(self._columns)
        ]
        if self._signature.input == "frame":
            return self._frame(columns)
        if self._signature.dtype == "number":
            return np.ascontiguousarray(np.array(columns, dtype=np.float64).T)
        matrix = np.empty((len(rows), len(columns)), dtype=object)
        for i, column in enumerate(columns):
            matrix[:, i] = column
        return matrix

    def _frame(self, columns: Sequence[list[Any]]) -> Any:  # a data frame
        import pandas as pd  # noqa: PLC0415 (matrices of numbers do without)

        pairs = zip(self._columns, columns, strict=True)
        frame = pd.concat([column.series(values) for column, values in pairs], axis=1)
        frame.columns = pd.Index(self._signature.columns or ())
        return frame

    def _values(self, instance: Any) -> list[Any]:
        names = self._signature.columns
        if isinstance(instance, dict) and names is not None and set(names) == set(instance):
            return [instance[name] for name in names]
        if not isinstance(instance, list) or len(instance) != len(self._columns):
            raise Unclear
        return instance


class _Column:
    def __init__(self, found: ColumnType, learned: list[Any]) -> None:
        self._type = found
        known = self._learned = [value for value in learned if not is_missing(value)]
        spelled = [(to_json(value), value) for value in known]
        self._known = {(type(text), text): value for text, value in spelled}
        kinds = [kind for kind in ((str,), (int, float)) if known and all_are(known, *kind)]
        # A value that wasn't learned can still be one of the kind.
        self._kind = kinds[0] if kinds else () if known else TYPES.get(found.kind, ())

    def values(self, values: Sequence[Any]) -> list[Any]:
        """Return the values as Python holds them; raises `Unclear`."""
        gap = self._gap()
        return [gap if value is None else self._value(value) for value in values]

    def series(self, values: list[Any]) -> Any:  # a series
        """Return such values as a column of the type that pandas makes of what was learned."""
        import pandas as pd  # noqa: PLC0415 (matrices of numbers do without)

        if self._type.kind == "float" and self._type.null != "none":
            return pd.Series(values, dtype=np.float64)
        has_gap = any(map(is_missing, values))
        wide = any(isinstance(value, int) and abs(value) >= EXACT for value in values)
        is_mixed = self._type.null == "none" or self._type.kind in ("boolean", "category", "any")
        if has_gap and (wide or is_mixed):
            return pd.Series(values, dtype=object)
        like = self._learned or [""] * (self._type.kind == "string")
        return pd.Series([*values, *like])[: len(values)]

    def _value(self, value: Any) -> Any:
        key = (type(value), value)
        if key in self._known:
            return self._known[key]
        if not all_are([value], *self._kind):
            raise Unclear
        return value

    def _gap(self) -> Any:
        """Return the missing value that the model was fitted with."""
        if self._type.null in ("nat", "na"):
            import pandas as pd  # noqa: PLC0415 (matrices of numbers do without)

            return pd.NaT if self._type.null == "nat" else pd.NA
        return None if self._type.null == "none" else float("nan")


def _of(instances: Sequence[Any], kind: type) -> list[Any]:
    if not all_are(instances, kind):
        raise Unclear
    return list(instances)
