"""cfn-lint finds nothing in any template but the findings accepted here with a reason."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks.configurations import MATRIX
from tests.stacks.deployment import Deployment

ACCEPTED = {
    "W3005": "CDK has a function wait for its role, whether or not a property already does.",
}


@pytest.mark.parametrize(("name", "settings"), MATRIX.items(), ids=MATRIX.keys())
def test_templates_are_clean(
    deploy: Callable[..., Deployment],
    measured: Callable[[str], None],
    name: str,
    settings: dict[str, str],
) -> None:
    templates = [str(path) for path in deploy(**settings).templates]
    cfn_lint = str(Path(sys.executable).with_name("cfn-lint"))
    command = [cfn_lint, "--format", "json", *templates]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    findings = json.loads(run.stdout)

    assert len(templates) == (3 if "sagemaker" in settings else 2)
    assert [f for f in findings if f["Rule"]["Id"] not in ACCEPTED] == []
    # An exception without a finding must go.
    assert {f["Rule"]["Id"] for f in findings} == ACCEPTED.keys()
    measured(
        f"cfn-lint, {name}: {len(templates)} templates; 0 findings but of the rules accepted with "
        f"a reason: {', '.join(ACCEPTED)}"
    )
