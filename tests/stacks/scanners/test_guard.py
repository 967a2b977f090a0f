"""CloudFormation Guard's rules hold in every template, and each rule applies to one."""

import re
from collections.abc import Callable

from tests.stacks.configurations import MATRIX
from tests.stacks.deployment import ROOT, Deployment
from tests.stacks.scanners.scanners import guard

RULES = ROOT / "stacks" / "security.guard"


def test_rules_hold_in_every_template(
    deploy: Callable[..., Deployment], measured: Callable[[str], None]
) -> None:
    templates = [path for settings in MATRIX.values() for path in deploy(**settings).templates]
    reports = guard(RULES, templates)
    named = set(re.findall(r"^rule (\w+)", RULES.read_text("utf-8"), re.MULTILINE))

    assert [report["not_compliant"] for report in reports] == [[]] * len(templates)
    assert {rule for report in reports for rule in report["compliant"]} == named
    measured(f"CloudFormation Guard: {len(named)} rules hold in {len(templates)} templates")
