"""The benchmark of reconcile, at a size that takes a second."""

import json
import subprocess
import sys
from pathlib import Path


def test_it_compares_and_writes_its_figures(root: Path, tmp_path: Path) -> None:
    options = ["--sizes", "100", "200", "--runs", "1", "--output", str(tmp_path)]
    command = [sys.executable, "-m", "benchmarks.reconcile", *options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert "200 models:" in done.stdout
    results = json.loads((tmp_path / "results.json").read_text())["results"]
    assert [result["models"] for result in results] == [100, 200]
    assert all(result["seconds"] > 0 for result in results)
