import json
from pathlib import Path

import pytest

from environments import installed
from environments.environment import DEFAULT, normalized


def make(root: Path, name: str, **packages: str) -> None:
    folder = root / name
    folder.mkdir()
    record = {"name": name, "python_version": "3.12.1", "packages": packages}
    (folder / installed.RECORD).write_text(json.dumps(record))


def test_the_own_one_comes_first_and_the_others_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "sklearn-1.5", **{"scikit-learn": "1.5.2"})
    make(tmp_path, "sklearn-1.3", **{"scikit-learn": "1.3.2"})
    (tmp_path / "half-built").mkdir()
    monkeypatch.setenv(installed.ROOT_VARIABLE, str(tmp_path))
    assert [found.name for found in installed.installed()] == [
        DEFAULT,
        "sklearn-1.3",
        "sklearn-1.5",
    ]
    found = installed.named("sklearn-1.5")
    assert found is not None
    assert found.python == tmp_path / "sklearn-1.5/bin/python"
    assert (found.version("scikit_learn"), found.version("xgboost")) == ("1.5.2", None)


def test_without_a_folder_there_is_the_own_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(installed.ROOT_VARIABLE, str(tmp_path / "none"))
    assert [found.name for found in installed.installed()] == [DEFAULT]
    assert installed.own().version("numpy") is not None


@pytest.mark.parametrize("name", ["Scikit_Learn", "scikit.learn", "scikit--learn"])
def test_names_of_distributions_are_compared_as_pypi_does(name: str) -> None:
    assert normalized(name) == "scikit-learn"
