"""What defines an environment: a locked file that names its Pythons."""

import re
from pathlib import Path

import pytest

from environment_builder.definition import FOLDER, names, read
from environment_builder.errors import DefinitionError
from stacks.settings.environments import DEFAULT_ENVIRONMENTS

HASH = "--hash=sha256:" + "0" * 64
BUILT_IN = tuple(f"sklearn-1.{minor}" for minor in range(1, 10))


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_environment_has_its_scikit_learn_and_all_that_the_product_needs(
    name: str,
) -> None:
    pins = dict(pin.split("==") for pin in read(name).pins)
    assert pins["scikit-learn"].startswith(name.removeprefix("sklearn-") + ".")
    for line in (FOLDER / "every/requirements.in").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            package, version = line.split("==")
            assert pins[package] == version
    assert {"numpy", "scipy", "pandas", "xgboost-cpu", "lightgbm", "catboost"} <= pins.keys()
    assert not [pin for pin in pins if pin.startswith("nvidia")]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_environment_can_be_built_with_python_3_11(name: str) -> None:
    assert "3.11" in read(name).pythons


def test_the_default_environments_are_defined() -> None:
    assert set(DEFAULT_ENVIRONMENTS) < set(names())


def test_what_is_asked_for_is_locked() -> None:
    for asked in FOLDER.glob("*.in"):
        pins = read(asked.stem).pins
        wanted = re.findall(r"^[a-z].*==\S+$", asked.read_text("utf-8"), re.MULTILINE)
        assert wanted
        assert set(wanted) <= set(pins)


def test_what_environments_need_is_of_the_image_too() -> None:
    """One version of each library of the product's own, wherever its code runs."""
    image = (FOLDER.parent / "docker/requirements.in").read_text("utf-8").splitlines()
    for line in (FOLDER / "every/requirements.in").read_text("utf-8").splitlines():
        assert line.startswith("#") or line in image


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"numpy==2.3.5 {HASH}\n", "doesn't say for which Python it is"),
        (f"# python: two\nnumpy==2.3.5 {HASH}\n", "doesn't say for which Python it is"),
        (f"# python: 3.9\nnumpy==2.0.2 {HASH}\n", "asks for Python 3.9"),
        ("# python: 3.12\nnumpy==2.3.5\n", "'numpy==2.3.5' has no hash"),
        ("# python: 3.12\nnumpy>=2\n", "'numpy>=2' isn't a package with its version"),
        (f"# python: 3.12\nhttps://x/y.whl {HASH}\n", "isn't a package with its version"),
        ("# python: 3.12\n", "names no package"),
    ],
)
def test_a_file_that_is_no_definition_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "own.txt").write_text(text)
    with pytest.raises(DefinitionError, match=re.escape(told)):
        read("own", tmp_path)


@pytest.mark.parametrize("name", ["missing", "default", "../own", "Own", ""])
def test_an_unknown_name_is_told_with_those_that_there_are(tmp_path: Path, name: str) -> None:
    for there in ("own", "default", "Own"):
        (tmp_path / f"{there}.txt").write_text(f"# python: 3.12\nnumpy==2.3.5 {HASH}\n")
    with pytest.raises(DefinitionError, match=r"There are: .*own"):
        read(name, tmp_path)


def test_markers_remarks_and_continued_lines_are_read(tmp_path: Path) -> None:
    text = f"# python: 3.12, 3.11\nnumpy==2.3.5 ; sys_platform == 'linux' \\\n    {HASH}\n# end\n"
    (tmp_path / "own.txt").write_text(text)
    found = read("own", tmp_path)
    assert found.pythons == ("3.12", "3.11")
    assert found.pins == ("numpy==2.3.5",)
