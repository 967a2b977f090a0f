"""Small models of the boosting libraries, and the files that they save."""

import tempfile
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

RNG = np.random.default_rng(0)
ROWS = 200
X = RNG.normal(size=(ROWS, 3))
X[RNG.random(X.shape) < 0.1] = np.nan
KNOWN = np.nan_to_num(X)
Y = 2 * KNOWN[:, 0] + np.sin(KNOWN[:, 1]) + 3
BINARY = (Y > 3).astype(int)
SEVERAL = RNG.integers(0, 3, ROWS)
FRAME = pd.DataFrame(
    {
        "age": X[:, 0],
        "town": pd.Categorical(np.array(["Oulu", "Turku", "Pori"])[RNG.integers(0, 3, ROWS)]),
        "grade": pd.Categorical(RNG.integers(1, 70, ROWS)),
    }
)
FRAME_Y = (FRAME["town"].cat.codes + FRAME["grade"].cat.codes) % 3
NUMBERS = pd.DataFrame(X[:, :2], columns=["age", "income"])

XGB: dict[str, Any] = {"n_estimators": 5, "max_depth": 3, "n_jobs": 1}
LGB: dict[str, Any] = {"n_estimators": 5, "num_leaves": 7, "n_jobs": 1, "verbose": -1}
CAT: dict[str, Any] = {
    "n_estimators": 5,
    "depth": 3,
    "thread_count": 1,
    "verbose": 0,
    "allow_writing_files": False,
}


def saved(model: Any, name: str) -> bytes:
    """Return what the library's own save_model writes into a file of this name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        getattr(model, "booster_", model).save_model(str(path))
        return path.read_bytes()


def instances(rows: NDArray[Any]) -> list[Any]:
    """Return rows as JSON has them: None for NaN."""
    return [[None if pd.isna(cell) else cell for cell in row] for row in rows.tolist()]


def xgb_booster(objective: str, y: Any, **params: Any) -> xgboost.Booster:
    """Train a bare Booster."""
    data = xgboost.DMatrix(X, label=y, nthread=1)
    return xgboost.train({"objective": objective, "nthread": 1, **params}, data, 5)


def lgb_booster(objective: str, y: Any, **params: Any) -> lightgbm.Booster:
    """Train a bare Booster."""
    group = [ROWS // 2, ROWS // 2] if objective == "lambdarank" else None
    data = lightgbm.Dataset(X, label=y, group=group)
    given = {"objective": objective, "num_threads": 1, "verbose": -1, **params}
    return lightgbm.train(given, data, 5)


def files() -> dict[str, tuple[bytes, Any]]:
    """Return a file of each kind, by its name, and the estimator that it came of."""
    xgb = xgboost.XGBClassifier(**XGB).fit(X, SEVERAL)
    lgb = lightgbm.LGBMClassifier(**LGB).fit(X, SEVERAL)
    cat = catboost.CatBoostClassifier(**CAT).fit(X, SEVERAL)
    return {
        "model.ubj": (saved(xgb, "m.ubj"), xgb),
        "xgb.json": (saved(xgb, "m.json"), xgb),
        "model.txt": (saved(lgb, "m.txt"), lgb),
        "model.cbm": (saved(cat, "m.cbm"), cat),
    }
