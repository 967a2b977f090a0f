"""Runs the scanners that have an environment of their own."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.deployment import ROOT

PYTHON = ROOT / ".venv-scan" / "bin" / "python"
CHECKOV = """
import json, sys
from checkov.cloudformation.runner import Runner
from checkov.runner_filter import RunnerFilter
found = []
for folder in sys.argv[1:]:
    report = Runner().run(root_folder=folder, runner_filter=RunnerFilter(["cloudformation"]))
    found.append(
        {
            name: [
                {
                    "check": record.check_id,
                    "resource": record.resource,
                    "reason": record.check_result.get("suppress_comment"),
                }
                for record in getattr(report, name)
            ]
            for name in ("failed_checks", "passed_checks", "skipped_checks")
        }
    )
print(json.dumps(found))
"""
GUARD = """
import json, sys
from guardpycfn import validate_with_guard
rules, *templates = (open(path).read() for path in sys.argv[1:])
print(json.dumps([validate_with_guard(template, rules) for template in templates]))
"""


def checkov(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """Scans the templates of each folder separately: checkov relates all templates of one run.

    Returns:
        For each folder its checks: `failed_checks`, `passed_checks` and `skipped_checks`.
    """
    answers: list[dict[str, Any]] = json.loads(_run("-c", CHECKOV, *map(str, folders)))
    return answers


def guard(rules: Path, templates: Sequence[Path]) -> list[dict[str, Any]]:
    """Checks each template by CloudFormation Guard's rules. Returns the reports in order."""
    answers = json.loads(_run("-c", GUARD, str(rules), *map(str, templates)))
    for answer in answers:
        assert answer["success"], answer
    return [answer["result"] for answer in answers]


def _run(*arguments: str) -> str:
    if not PYTHON.exists():
        pytest.skip("The scanners are missing; install them with: make .venv-scan/.ready")
    run = subprocess.run([str(PYTHON), *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout
