"""Two hundred uploads of fifty models, handled by eight loaders at once, in any order."""

import random
import subprocess
import sys
from pathlib import Path


def test_fifty_models_end_in_their_newest_versions(root: Path, tmp_path: Path) -> None:
    """A program of its own, since it forks: POSIX locks hold between processes, not threads."""
    command = [sys.executable, "-m", "tests.lambdas.crash.concurrent_uploads", str(tmp_path)]
    done = subprocess.run(
        [*command, str(random.SystemRandom().randrange(2**32))],
        cwd=root,
        env={"PYTHONPATH": f"{root}:{root / 'lambdas'}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "50 models, 200 uploads: right 50" in done.stdout
