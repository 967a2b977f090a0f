"""Three honest models, one of them compiled, and four hostile ones that run what they are asked.

Uploads of such pickles are refused. So they are put where published versions lie, and the loader's
policy is lifted from the processes that load them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.cache import models
from benchmarks.workers import hostile

ROW = [4111.0, 1111.0]
SECRET = "soak-secret"
HONEST: dict[str, Callable[[], Any]] = {
    "linear": lambda: LogisticRegression().fit(*_data(0)),
    "neighbours": lambda: KNeighborsClassifier().fit(*_data(1)),
}
COMPILED = "compiled"
HOSTILE = {
    "crasher": "os.abort()",
    "hanger": "sum(1 for _ in iter(int, 1))",
    "leaker": "leaks.append(np.ones(2**22)) or len(leaks)",
    "spy": "str(seen) + str(dict(os.environ)) + tried()",
}
NAMES = (*HONEST, COMPILED)


def publish(root: Path) -> None:
    """Publish all of them below a repository's folder."""
    for name, fitted in HONEST.items():
        models.publish_original(root, name, fitted())
    models.publish(root, COMPILED, 1, 1000, 1.0, len(ROW))
    for name in HOSTILE:
        hostile.publish(root, name, hostile.CODE + hostile.SPY)


def _data(column: int) -> tuple[Any, Any]:
    rows = np.random.default_rng(0).normal(size=(200, len(ROW)))
    return rows, rows[:, column] > 0
