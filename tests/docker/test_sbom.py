"""The bills of materials are valid, and name all that is locked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docker.locked import DOCKER, LAMBDA, SAGEMAKER, locked

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sbom")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [str(DOCKER / "sbom.sh"), str(folder)]
    subprocess.run(command, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(("target", "files"), [("lambda", LAMBDA), ("sagemaker", SAGEMAKER)])
def test_each_locked_package_is_named_with_its_version_and_hashes(
    folder: Path, target: str, files: tuple[str, ...]
) -> None:
    # Every collection of tests would wait three seconds for these imports.
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    text = (folder / f"sbom-{target}.json").read_text("utf-8")
    bill = json.loads(text)
    version = SchemaVersion.from_version(bill["specVersion"])
    assert JsonStrictValidator(version).validate_str(text) is None
    named = {
        (component["name"], component["version"]): {
            found["content"]
            for reference in component["externalReferences"]
            for found in reference.get("hashes", ())
        }
        for component in bill["components"]
    }
    expected = {
        (package.name, package.version): package.hashes
        for file in files
        for package in locked(DOCKER / file)
    }
    assert len(bill["components"]) == len(expected)
    assert named == expected
