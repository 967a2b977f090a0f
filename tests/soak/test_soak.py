"""The soak in short: its outcome, not its times. `python -m tests.soak` does it at length."""

from pathlib import Path

import pytest

from tests.soak.__main__ import FAULTS
from tests.soak.callers import soak
from tests.soak.doors import DOORS

pytestmark = pytest.mark.slow
SECONDS = 4.0


@pytest.mark.parametrize("door", ["lambda", "container"])
def test_hostile_models_harm_no_honest_one(door: str, tmp_path: Path) -> None:
    with DOORS[door](tmp_path) as opened:
        found = soak(opened, SECONDS, seed=14)
    assert {fault: found[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0), found["failures"]
    told = " ".join(found["hostile"])
    assert found["honest_asked"] > 0
    assert "crasher: MODEL_CRASHED" in told
    assert "hanger: MODEL" in told
    assert "spy: answered" in told
