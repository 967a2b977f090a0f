"""The interpreter of the environment `extras`: one that is installed, or one that is built."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from environments import installed
from environments.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
NAME = "extras"


def interpreter(folder: Path) -> Path:
    """Return an interpreter with the third-party libraries.

    Args:
        folder: where one is built, if none is installed.
    """
    found: Environment | None = installed.named(NAME)
    if found is not None:
        return found.python
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        raise RuntimeError("uv builds the environment extras: install requirements-dev.txt")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    locked = ROOT / "environments" / f"{NAME}.txt"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", python,
         "--requirement", locked],
        check=True,
    )  # fmt: skip
    return python


def report(python: Path, module: str, *arguments: str) -> str:
    """Return what a module of the suite prints inside an environment."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "lambdas")))
    done = subprocess.run(
        [python, "-W", "ignore", "-m", module, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()[-1]
