"""Checks the tables of category statistics that follow the trees in a file of CatBoost.

CatBoost 1.2 verifies the trees' buffer and not these. Source: catboost/libs/model/flatbuffers/
ctr_data.fbs, ctr_value_table.cpp and catboost/libs/helpers/dense_hash_view.h.
"""

from typing import Any

import numpy as np

from modelmount_compiler.frameworks.soundness import damage
from modelmount_compiler.frameworks.soundness.flatbuffers import Table, root

BASE, HASHES, STATISTICS, CLASSES = 0, 1, 2, 4
BUCKET = "<u8,<u4"  # a hash, and the statistic's number
EMPTY = 2**64 - 1
MEANS, COUNTS = (2, 3), (4, 5)  # kinds of statistics: of two numbers, or of one
LONG_SIZE = 0xFFFFFFFF
WHERE = "a table of category statistics"


def check(data: bytes, floats: int, categorical: int) -> dict[bytes, int]:
    """Check all tables.

    Args:
        data: what follows the trees.
        floats: how many numeric features there are.
        categorical: how many categorical features there are.

    Returns:
        how many classes of the target the statistics of each combination of features count.
    """
    tables, at = _size(data, 0)
    found: dict[bytes, int] = {}
    for _ in range(tables):
        size, at = _size(data, at)
        if size > len(data) - at:
            raise ValueError("a table of category statistics ends too early")
        base, classes = _table(root(data[at : at + size]), floats, categorical)
        found[base] = classes
        at += size
    return found


def combination(base: Table | None, floats: int, categorical: int) -> tuple[bytes, int]:
    """Check the features that a statistic combines; return them as a key, and its kind."""
    features = None if base is None else base.table(0)
    if base is None or features is None:
        raise damage.damaged(WHERE, "doesn't say of which features it is")
    categories = features.numbers(0, "<i4")
    splits, values = features.numbers(1, "<i4,<f4"), features.numbers(2, "<i4,<i4")
    damage.within(categories.astype(np.int64), 0, categorical, WHERE)
    damage.within(splits["f0"].astype(np.int64), 0, floats, WHERE)
    damage.within(values["f0"].astype(np.int64), 0, categorical, WHERE)
    kind = int(base.number(1, "b"))
    damage.within(np.array([kind]), 0, max(COUNTS) + 1, f"the kind of {WHERE}")
    parts = (categories.tobytes(), splits.tobytes(), values.tobytes(), bytes([kind]))
    return b"|".join(parts), kind


def _table(table: Table, floats: int, categorical: int) -> tuple[bytes, int]:
    key, kind = combination(table.table(BASE), floats, categorical)
    raw, blob = table.numbers(HASHES, "u1"), table.numbers(STATISTICS, "u1")
    size = np.dtype(BUCKET).itemsize
    if len(raw) % size:
        raise damage.damaged(WHERE, "ends within a hash")
    buckets = np.frombuffer(raw.tobytes(), BUCKET)
    _buckets(buckets)
    used = buckets["f1"][buckets["f0"] != EMPTY].astype(np.int64)
    classes = int(table.number(CLASSES, "i"))
    width = 8 if kind in MEANS else 4 if kind in COUNTS else 4 * classes
    if width < 4:
        raise damage.damaged(WHERE, f"counts {classes} classes")
    damage.within(used, 0, len(blob) // width, WHERE)
    return key, classes


def _buckets(buckets: Any) -> None:
    """Require a hash table of 2ⁿ places, with an empty one, at which a search ends."""
    n = len(buckets)
    if n & (n - 1) or not n or not (buckets["f0"] == EMPTY).any():
        raise damage.damaged(WHERE, f"has {n} places, of which none is empty")


def _size(data: bytes, at: int) -> tuple[int, int]:
    """Return a stored size, and where the data goes on."""
    found = int.from_bytes(data[at : at + 4], "little")
    if at + 4 > len(data):
        raise ValueError("it ends too early")
    if found == LONG_SIZE:
        return int.from_bytes(data[at + 4 : at + 12], "little"), at + 12
    return found, at + 4
