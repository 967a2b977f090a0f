"""cfn-lint finds nothing in any template, but for what is accepted here with its reason."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks.deployment import Deployment

ACCEPTED = {
    "W3005": "CDK has a function wait for its role, whether or not a property already does.",
}
OWN_NETWORK: dict[str, str] = {}
OTHER_EVERYTHING = {
    "stage": "prod",
    "architecture": "arm64",
    "throughput_mode": "provisioned",
    "provisioned_throughput_mibps": "64",
    "bucket_name": "my-models",
    "allowed_origins": "https://a.example,https://b.example",
    "auth": "api_key",
    "trusted_formats": "",
    "dedicated": '{"fraud": {"memory_mb": 2048, "provisioned_concurrency": 2}, "iris": {}}',
    "capture_percent": "1",
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
}
GUARDED = {"auth": "cognito", "waf": "on", "kms": "on"}
PRIVATE = {
    "auth": "none",
    "flow_logs": "off",
    "vpc_endpoint_ids": "vpce-0123456789abcdef0,vpce-0123456789abcdef1",
}
MATRIX = {
    "default": OWN_NETWORK,
    "everything": OTHER_EVERYTHING,
    "guarded": GUARDED,
    "private": PRIVATE,
}


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX.keys())
def test_templates_are_clean(deploy: Callable[..., Deployment], settings: dict[str, str]) -> None:
    templates = sorted(map(str, deploy(**settings).directory.glob("*.template.json")))
    cfn_lint = str(Path(sys.executable).with_name("cfn-lint"))
    command = [cfn_lint, "--format", "json", *templates]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    findings = json.loads(run.stdout)

    assert len(templates) == 2
    assert [f for f in findings if f["Rule"]["Id"] not in ACCEPTED] == []
    # An exception that nothing needs any more has to go.
    assert {f["Rule"]["Id"] for f in findings} == ACCEPTED.keys()
