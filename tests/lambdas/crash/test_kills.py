"""Hundreds of kills, which readers never notice and after which every event comes to its end.

`CRASH_KILLS` asks for more of them; from 1000 on a reconciler too is killed at each of its calls.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lambdas.crash.kills.report import Report

KILLS = int(os.environ.get("CRASH_KILLS", "700"))


def test_whatever_is_killed_nothing_is_torn_and_nothing_lost(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = subprocess.run(
        [sys.executable, "-m", "tests.lambdas.crash.kills.campaign", str(KILLS), str(tmp_path)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "lambdas")])},
        stdout=subprocess.PIPE,
        check=True,
    )
    report = Report(**json.loads(campaign.stdout))
    with capsys.disabled():
        # Not the standard output, which parallel runs of pytest swallow.
        sys.stderr.write(f"\n{report} (readers looked {report.looks} times)\n")
    assert report.torn == []
    assert report.lost == []
    assert report.kills >= KILLS
    assert report.looks > report.kills
