"""The app as the command line runs it, and rules for all of its stacks."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.stacks.deployment import ROOT, Deployment

pytestmark = pytest.mark.slow

MANY = [
    {},
    {"stage": "prod", "architecture": "arm64"},
    {"throughput_mode": "bursting", "auth": "none"},
    {"auth": "api_key", "bucket_name": "my-models"},
]


def _run(context: Mapping[str, object], directory: Path) -> subprocess.CompletedProcess[str]:
    """Runs `app.py` as `cdk synth` does, with Node alone: without Docker and without AWS."""
    flags = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    node = shutil.which("node")
    assert node
    (directory / "bin").mkdir()
    (directory / "bin" / "node").symlink_to(node)
    environ = {
        "PATH": str(directory / "bin"),
        "HOME": str(directory),
        "CDK_OUTDIR": str(directory / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps({**flags, **context}),
        # Nothing listens on this port, so every call to the network fails.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        **{key: os.environ[key] for key in ("LANG", "TMPDIR") if key in os.environ},
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=directory,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_synth_needs_no_docker_no_credentials_and_no_folder_to_stand_in(tmp_path: Path) -> None:
    run = _run({"stage": "prod"}, tmp_path)

    assert run.returncode == 0, run.stderr
    assert {path.name for path in (tmp_path / "cdk.out").glob("*.template.json")} == {
        "Modelmount-prod-Storage.template.json",
        "Modelmount-prod-Inference.template.json",
        "Modelmount-prod-SageMaker.template.json",
    }


def test_bad_setting_ends_with_its_reason_and_no_traceback(tmp_path: Path) -> None:
    run = _run({"memory_mb": "lots"}, tmp_path)

    assert run.returncode == 1
    assert (
        "Bad setting: memory_mb is 'lots'; allowed: a whole number from 512 to 10240." in run.stderr
    )
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("settings", MANY)
def test_no_construct_warns(deploy: Callable[..., Deployment], settings: dict[str, str]) -> None:
    assert deploy(**settings).messages == ()


@pytest.mark.parametrize("settings", MANY)
def test_nothing_needs_looking_up(
    deploy: Callable[..., Deployment], settings: dict[str, str]
) -> None:
    manifest = json.loads((deploy(**settings).directory / "manifest.json").read_text("utf-8"))

    assert "missing" not in manifest


def test_a_stack_without_endpoints_has_no_resources_so_that_a_deployment_deletes_it(
    tmp_path: Path,
) -> None:
    """The command line deletes what it finds deployed and without resources in the app."""
    # The command line passes this by default.
    assert _run({"aws:cdk:version-reporting": True}, tmp_path).returncode == 0
    assembly = tmp_path / "cdk.out"
    artifact = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"][
        "Modelmount-dev-SageMaker"
    ]
    template = json.loads((assembly / "Modelmount-dev-SageMaker.template.json").read_text("utf-8"))

    assert artifact["type"] == "aws:cloudformation:stack"
    assert not template.get("Resources")
    assert not template.get("Outputs")


def test_removed_endpoints_go_once_the_api_no_longer_uses_them(default: Deployment) -> None:
    manifest = json.loads((default.directory / "manifest.json").read_text("utf-8"))
    removed = manifest["artifacts"]["Modelmount-dev-SageMaker"]

    assert "Modelmount-dev-Inference" in removed["dependencies"]


def test_storage_needs_nothing_of_inference(default: Deployment) -> None:
    assert "Fn::GetStackOutput" not in json.dumps(default.storage.raw)
    assert "Fn::GetStackOutput" in json.dumps(default.inference.raw)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_everything_is_tagged_with_app_and_stage(
    deploy: Callable[..., Deployment], stage: str
) -> None:
    deployment = deploy() if stage == "dev" else deploy(stage=stage)
    tagged = [
        properties[key]
        for template in (deployment.storage, deployment.inference)
        for resource in template.resources.values()
        for properties in [resource.get("Properties", {})]
        for key in ("Tags", "FileSystemTags", "AccessPointTags")
        if key in properties
    ]

    assert len(tagged) > 20
    for tags in tagged:
        assert {"Key": "app", "Value": "modelmount"} in tags
        assert {"Key": "stage", "Value": stage} in tags
