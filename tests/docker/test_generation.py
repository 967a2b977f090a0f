"""Which packages generate text, by the build argument GENERATION."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.docker.locked import DOCKER

LOCKED = "install --no-cache-dir --require-hashes --no-deps --requirement"
PYTORCH = "--index-url https://download.pytorch.org/whl/cpu"


def install(folder: Path, generation: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script with a pip that only notes what it is asked for; return that, too."""
    pip, notes = folder / "pip", folder / "notes"
    pip.write_text(f'#!/bin/sh\necho "$@" >> {notes}\n')
    pip.chmod(0o755)
    notes.touch()
    done = subprocess.run(
        ["sh", str(DOCKER / "install-generation.sh"), generation],
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, notes.read_text().splitlines()


@pytest.mark.parametrize(
    ("generation", "expected"),
    [
        (
            "cuda",
            [f"{LOCKED} requirements-torch.txt", f"{LOCKED} requirements-generation.txt"],
        ),
        (
            "cpu",
            [
                f"install --no-cache-dir {PYTORCH} --requirement requirements-torch.in",
                f"{LOCKED} requirements-generation.txt",
            ],
        ),
        ("none", []),
    ],
)
def test_torch_is_the_one_that_was_asked_for(
    tmp_path: Path, generation: str, expected: list[str]
) -> None:
    done, asked = install(tmp_path, generation)
    assert done.returncode == 0, done.stderr
    assert asked == expected


def test_anything_else_is_refused_with_what_is_allowed(tmp_path: Path) -> None:
    done, asked = install(tmp_path, "gpu")
    assert (done.returncode, asked) == (1, [])
    assert "GENERATION is cuda, cpu or none, not gpu" in done.stderr
