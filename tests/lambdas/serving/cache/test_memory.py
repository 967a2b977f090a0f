"""What values hold, what the process takes, and that memory comes back."""

import json
import mmap
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cache import models
from modelmount_compiler.program import file
from serving.cache import memory

pytestmark = pytest.mark.slow

MIB = 1024 * 1024


def test_an_array_counts_with_all_that_it_is_a_view_of() -> None:
    array = np.zeros(MIB // 8)
    view = array[10:20].reshape(2, 5).T
    assert MIB < memory.held_bytes(view) < MIB + 2000
    assert memory.held_bytes([view, array, view]) < MIB + 2000


def test_nested_values_count_once_and_code_does_not() -> None:
    text = "x" * 10_000
    assert (
        10_000 < memory.held_bytes({"a": [text, (text,)], "b": np.array([text], object)}) < 11_000
    )
    assert memory.held_bytes([np, dict, memory.trim, len]) < 1000


@pytest.mark.parametrize("mib", [1, 20])
def test_a_program_counts_with_its_file_whether_read_or_mapped(tmp_path: Path, mib: int) -> None:
    models.publish(tmp_path, "m", 1, mib * MIB, 1.0)
    path = tmp_path / "models/m/current/compiled"
    program = file.read(path)
    size = path.stat().st_size
    assert size <= memory.held_bytes(program) < size + 20_000


def test_a_mapping_counts_in_full_before_it_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    with path.open("wb") as created:
        created.truncate(8 * MIB)
    with path.open("rb") as opened:
        data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    assert memory.held_bytes(np.frombuffer(data, np.float64)) >= 8 * MIB


def test_the_limit_is_of_the_process() -> None:
    limit = memory.Limit(memory.resident_bytes() + 100 * MIB)
    assert limit(0) < 0 < limit(200 * MIB)


def test_memory_of_other_processes_counts_for_the_limit() -> None:
    limit = memory.Limit(memory.resident_bytes() + 100 * MIB, lambda: 200 * MIB)
    assert limit(0) > 0


@pytest.mark.parametrize("form", ["compiled", "forest", "neighbors"])
def test_memory_comes_back_when_a_model_goes(form: str, root: Path) -> None:
    """In a process of its own, of which nothing else is measured; of what loading took."""
    command = [sys.executable, "-m", "benchmarks.cache.returned", form]
    environment = {"PYTHONPATH": f"{root}:{root / 'lambdas'}", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    turns = json.loads(done.stdout)
    for turn in turns:
        assert turn["loaded"] - turn["before"] > 100 * MIB
        assert turn["evicted"] - turns[0]["before"] < 0.1 * (turn["loaded"] - turn["before"])
