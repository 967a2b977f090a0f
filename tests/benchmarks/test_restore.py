"""The benchmark of a restore, at a size that takes seconds."""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_what_was_lost_is_back_in_order_and_the_figures_say_so(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    options = ["--models", "12", "--concurrency", "3", "--prepare", "0", "--output", str(output)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "lambdas")])}
    command = [sys.executable, "-m", "benchmarks.restore", *options]
    subprocess.run(command, cwd=root, env=environment, check=True)
    (figures,) = json.loads(output.read_text())
    assert (figures["uploads"], figures["published"]) == (16, 16)
    assert figures["most_at_once"] <= 3
    assert figures["runs"] >= 16 / 3
    nothing = ("refused", "pending", "wrong_current", "left_after")
    assert [figures[name] for name in nothing] == [0, 0, 0, 0]
