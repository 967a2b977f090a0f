"""cdk-nag (AwsSolutions) finds nothing but the findings accepted beside their resource."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

import app
from stacks.constructs.security import findings
from tests.stacks.configurations import MATRIX
from tests.stacks.deployment import new_app

Finding = tuple[str, str]


class Acknowledgements:
    """Hides acknowledgements from cdk-nag, which then reports every finding."""

    def __init__(self) -> None:
        self.reasons: dict[Finding, str] = {}

    def of(self, construct: IConstruct) -> "_Acknowledging":
        return _Acknowledging(construct.node.path, self.reasons)


class _Acknowledging:
    def __init__(self, path: str, reasons: dict[Finding, str]) -> None:
        self._path = path
        self._reasons = reasons

    def acknowledge(self, rule: cdk.Acknowledgment) -> None:
        self._reasons[self._path, rule.id] = rule.reason


@pytest.mark.parametrize(("name", "settings"), MATRIX.items(), ids=MATRIX.keys())
def test_what_is_found_is_what_is_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    measured: Callable[[str], None],
    name: str,
    settings: dict[str, str],
) -> None:
    acknowledgements = Acknowledgements()
    monkeypatch.setattr(findings, "Validations", acknowledgements)
    found = _scan(tmp_path, settings)
    accepted = acknowledgements.reasons.keys()

    assert {f for f in found if not any(_covers(a, f) for a in accepted)} == set()
    assert {a for a in accepted if not any(_covers(a, f) for f in found)} == set()
    measured(f"cdk-nag, {name}: 0 findings unexplained, {len(found)} accepted with a reason")


def _covers(accepted: Finding, found: Finding) -> bool:
    path, rule = accepted
    return rule == found[1] and f"{found[0]}/".startswith(f"{path}/")


def _scan(directory: Path, settings: dict[str, Any]) -> set[Finding]:
    cdk_app = new_app(directory, settings)
    app.build(cdk_app)
    cdk.Validations.of(cdk_app).add_plugins(AwsSolutionsChecks(cdk_app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        cdk_app.synth()
    report = json.loads((directory / "validation-report.json").read_text("utf-8"))
    # CDK's own validation reports as well: that a stack is without resources, which is meant.
    (plugin,) = (p for p in report["pluginReports"] if p["pluginName"] == "AwsSolutions")
    return {
        (construct["constructPath"], violation["ruleName"])
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }
