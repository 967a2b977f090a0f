"""What every test can ask for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
