"""Models of third-party libraries, in an environment that has them: a part of all cases.

`python -m tests.third_party.judge` inside the environment judges all; docs/third-party.md has the
result.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.third_party import environment

pytestmark = pytest.mark.slow

# One of each kind; the command judges all.
JUDGED = (
    "OneHotEncoder",
    "TargetEncoder error",
    "CatBoostEncoder",
    "TargetEncoder of an array",
    "engine RareLabel",
    "engine Categorical",
    "engine EqualFrequency",
    "imblearn encoded",
    "imblearn BalancedBagging",
    "mlxtend Stacking",
    "DropMissingData",
)


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment.interpreter(tmp_path_factory.mktemp("environments") / environment.NAME)


def test_compiled_forms_answer_as_their_originals(python: Path) -> None:
    found: list[dict[str, Any]] = json.loads(
        environment.report(python, "tests.third_party.judge", *JUDGED)
    )
    assert [each["case"] for each in found] == list(JUDGED)
    *compiled, dropping = found
    for each in compiled:
        assert each["stage"] == "compared", each
        assert not each["differences"], each
        assert each["answered"] > 20, each
    assert dropping["stage"] == "compile"
    assert "no compiled form of" in dropping["reason"]


def test_crafted_files_are_refused(python: Path) -> None:
    found = json.loads(environment.report(python, "tests.third_party.attacks"))
    assert found["sound"] == ""
    assert len(found["refused"]) > 7
    assert all(found["refused"].values()), found
