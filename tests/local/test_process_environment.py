from pathlib import Path

import pytest

from local.process_environment import replace_path


@pytest.mark.parametrize(
    ("value", "expected"),
    [("/mnt/ml", "/here"), ("/mnt/ml/a", "/here/a"), ("/mnt/mlx", "/mnt/mlx"), ("x", "x")],
)
def test_rewrites_whole_path_segments_only(value: str, expected: str) -> None:
    assert replace_path(value, {"/mnt/ml": Path("/here")}) == expected
