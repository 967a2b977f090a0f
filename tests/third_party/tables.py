"""Small tables to fit on, and rows to ask about: unknown, missing, out of range, of other types."""

from typing import Any

import numpy as np
import pandas as pd

ROWS = 120
RNG = np.random.default_rng(7)
NUMBER = RNG.normal(size=ROWS)
MIXED = pd.DataFrame(
    {
        "number": NUMBER,
        "city": RNG.choice(["Rome", "Oslo", "Bonn"], ROWS),
        "code": RNG.integers(0, 4, ROWS),
        "note": RNG.choice(np.array(["x", "y", None], dtype=object), ROWS),
    }
)
WHOLE = MIXED[["number", "city", "code"]].assign(above=np.exp(NUMBER))
GAPS = pd.DataFrame(
    {
        "number": NUMBER,
        "above": np.exp(NUMBER),
        "gap": np.where(np.arange(ROWS) % 7 == 0, np.nan, NUMBER * 3),
        "note": MIXED["note"],
    }
)
NUMBERS = pd.DataFrame({"number": NUMBER, "code": MIXED["code"], "above": np.exp(NUMBER)})
LABELS = (NUMBER + RNG.normal(size=ROWS) > 0).astype(int)
TARGET = NUMBER * 2 + RNG.normal(size=ROWS)

UNUSUAL: dict[str, list[Any]] = {
    "number": [None, 1e9, -1e9, 0, -0.0, True, "3.5", "many", 1e300],
    "above": [None, 1e9, 0.0, -1.0, 0.5],
    "gap": [None, 0.0, 1e9],
    "city": [None, "Paris", "", "rome", 3, "Rome "],
    "code": [None, 9, -1, 2.0, 2.5, "2", True],
    "note": [None, "z", "", 5],
}


def questions(table: Any) -> list[list[Any]]:
    """Return rows of a table, and each unusual value in one of them, as a request has them."""
    frame = table if isinstance(table, pd.DataFrame) else pd.DataFrame(table)
    rows = [[_plain(value) for value in row] for row in frame.head(12).to_numpy(dtype=object)]
    for place, name in enumerate(frame.columns):
        for value in UNUSUAL.get(str(name), [None, 1e9, "many"]):
            rows.append([*rows[place][:place], value, *rows[place][place + 1 :]])
    return [*rows, [None] * frame.shape[1]]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if value is None or value != value else value  # noqa: PLR0124 (NaN)
