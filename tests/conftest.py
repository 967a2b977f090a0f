"""What every test can ask for."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# As in the image. Read when NumPy and scikit-learn are loaded, which is after this.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def load_event() -> Callable[[str], Any]:
    """Read a recorded AWS event of `tests/events` by name."""

    def load(name: str) -> Any:
        return json.loads((ROOT / "tests" / "events" / f"{name}.json").read_text("utf-8"))

    return load


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep on one worker what shares an expensive session fixture: a synthesis, a local system."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in ("e2e", "stacks"):
            item.add_marker(pytest.mark.xdist_group(folder))
