"""checkov finds nothing in any template, and every skipped check is needed."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.stacks.configurations import MATRIX
from tests.stacks.deployment import Deployment
from tests.stacks.scanners.scanners import checkov


def test_nothing_is_found_but_what_is_skipped_with_its_reason(
    deploy: Callable[..., Deployment], tmp_path: Path, measured: Callable[[str], None]
) -> None:
    """Scans all configurations once: their templates as they are, and without skipped checks."""
    folders = [tmp_path / name / kind for name in MATRIX for kind in ("real", "bare")]
    for folder in folders:
        deployment = deploy(**MATRIX[folder.parent.name])
        folder.mkdir(parents=True)
        for stack in ("storage", "inference", "sagemaker"):
            template = getattr(deployment, stack).raw
            if not template["Resources"]:
                continue
            content = _bare(template) if folder.name == "bare" else template
            (folder / f"{stack}.json").write_text(json.dumps(content), "utf-8")
    scans = iter(checkov(folders))

    for name, real, bare in zip(MATRIX, scans, scans, strict=True):
        assert (name, real["failed_checks"]) == (name, [])
        assert len(real["passed_checks"]) > 150
        # A skipped check without a finding must go.
        assert _findings(real["skipped_checks"]) == _findings(bare["failed_checks"])
        assert all(len(check["reason"]) > 20 for check in real["skipped_checks"])
        measured(
            f"checkov, {name}: 0 findings, {len(real['passed_checks'])} checks passed, "
            f"{len(real['skipped_checks'])} skipped with a reason"
        )


def _findings(checks: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(check["check"], check["resource"]) for check in checks}


def _bare(template: Mapping[str, Any]) -> dict[str, Any]:
    bare: dict[str, Any] = json.loads(json.dumps(template))
    for resource in bare["Resources"].values():
        resource.get("Metadata", {}).pop("checkov", None)
    return bare
