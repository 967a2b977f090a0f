from pathlib import Path

import pytest

from local.process_environment import environments, replace_path


@pytest.mark.parametrize(
    ("value", "expected"),
    [("/mnt/ml", "/here"), ("/mnt/ml/a", "/here/a"), ("/mnt/mlx", "/mnt/mlx"), ("x", "x")],
)
def test_rewrites_whole_path_segments_only(value: str, expected: str) -> None:
    assert replace_path(value, {"/mnt/ml": Path("/here")}) == expected


def test_the_images_environments_are_those_of_this_machine(tmp_path: Path) -> None:
    named = environments({"MODELMOUNT_ENVIRONMENTS": str(tmp_path)})
    assert replace_path("/opt/environments", named) == str(tmp_path)
    assert replace_path("/opt/environments", environments({})) == str(
        Path(".environments").absolute()
    )
