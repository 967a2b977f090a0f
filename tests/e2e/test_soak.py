"""The soak in short on a local system, with the templates that all tests here run."""

from pathlib import Path

from tests.soak.__main__ import FAULTS
from tests.soak.callers import soak
from tests.soak.doors import local_door


def test_hostile_models_harm_no_honest_one(assembly: Path, tmp_path: Path) -> None:
    with local_door.opened(tmp_path, assembly) as door:
        found = soak(door, 4.0, seed=14)
    assert {fault: found[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0), found["failures"]
    assert found["honest_asked"] > 0
    assert "crasher: MODEL_CRASHED" in found["hostile"]
