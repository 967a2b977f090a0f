"""Encoders with settings drawn at random, on tables drawn at random."""

from collections.abc import Iterator
from typing import Any

import category_encoders as categories
import numpy as np
import pandas as pd
from imblearn import over_sampling
from imblearn import pipeline as resampling
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from tests.third_party.cases import Case

SEED = 20
ENCODERS = (
    *("BaseN", "Binary", "CatBoost", "Count", "JamesStein", "LeaveOneOut", "MEstimate"),
    *("OneHot", "Ordinal", "Target", "WOE"),
)
UNKNOWN = ("value", "return_nan", "error")
ROWS = 80


def drawn(count: int, seed: int = SEED) -> Iterator[Case]:
    """Yield so many cases."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        table = _table(rng)
        model = _model(rng, table)
        labels = rng.integers(0, 2, ROWS)
        yield Case(f"random {number}: {model!r:.300}".replace("\n", " "), model, table, labels)


def _table(rng: np.random.Generator) -> pd.DataFrame:
    kinds: list[Any] = [
        lambda: rng.choice(["a", "b", "c", "dd"], ROWS),
        lambda: rng.choice(np.array(["a", "b", None], dtype=object), ROWS),
        lambda: rng.integers(-2, 3, ROWS),
        lambda: rng.integers(2**54, 2**54 + 3, ROWS),
        lambda: rng.choice([0.5, 1.5, np.nan], ROWS),
        lambda: rng.random(ROWS) > 0.5,
        lambda: pd.Categorical(rng.choice(["u", "v"], ROWS)),
    ]
    chosen = rng.permutation(len(kinds))[: rng.integers(1, 4)]
    columns = {f"c{i}": kinds[kind]() for i, kind in enumerate(chosen)}
    return pd.DataFrame({"number": rng.normal(size=ROWS), **columns})


def _model(rng: np.random.Generator, table: pd.DataFrame) -> Any:
    name = str(rng.choice(ENCODERS))
    columns = [column for column in table.columns if column != "number" and rng.random() < 0.8]
    options: dict[str, Any] = {
        "cols": columns or ["c0"],
        "handle_unknown": str(rng.choice(UNKNOWN)),
        "handle_missing": str(rng.choice(UNKNOWN[:2])),
        "return_df": bool(rng.random() < 0.7),
        "drop_invariant": bool(rng.random() < 0.2),
    }
    encoder = getattr(categories, f"{name}Encoder")(**options)
    last = LogisticRegression() if rng.random() < 0.3 else DecisionTreeClassifier(max_depth=4)
    draw = rng.random()
    if draw < 0.3:
        return make_pipeline(encoder)
    if draw < 0.6:
        return make_pipeline(encoder, last)
    return resampling.make_pipeline(encoder, over_sampling.RandomOverSampler(random_state=0), last)
