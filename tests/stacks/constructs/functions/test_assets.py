"""The files in each package. Each of them changes the package's hash."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from stacks.settings.settings import Settings
from tests.stacks.deployment import ROOT, Deployment

COMPILER_RECORDS = {
    f"modelmount_compiler/{name}.py"
    for name in (
        *("__init__", "signature", "column_types", "tensors", "compilation", "independence"),
        *("suggestions", "chain"),
    )
}


def _files(directory: Path) -> Iterator[str]:
    return (str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file())


def _sources(*packages: str) -> set[str]:
    lambdas = ROOT / "lambdas"
    return {
        str(path.relative_to(lambdas))
        for package in packages
        for path in (lambdas / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _kernel_sources() -> set[str]:
    kernel = ROOT / "kernel"
    return {
        str(path.relative_to(kernel))
        for folder in ("modelmount_kernel", "src")
        for path in (kernel / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_image_holds_only_what_the_dockerfile_needs(default: Deployment) -> None:
    (image,) = default.assets("Storage")["dockerImages"].values()
    packages = [path.name for path in (ROOT / "lambdas").iterdir() if path.is_dir()]

    assert set(_files(default.directory / image["source"]["directory"])) == {
        ".dockerignore",
        "docker/Dockerfile",
        "docker/install-generation.sh",
        "docker/requirements-build.txt",
        "docker/requirements-no-deps.txt",
        "docker/requirements-container.txt",
        "docker/requirements-generation.txt",
        "docker/requirements-torch.in",
        "docker/requirements-torch.txt",
        "docker/requirements.txt",
        *(str(path.relative_to(ROOT)) for path in (ROOT / "environments").glob("*.txt")),
        *(str(path.relative_to(ROOT)) for path in (ROOT / "environment_builder").glob("*.py")),
        "kernel/pyproject.toml",
        *(f"kernel/{source}" for source in _kernel_sources()),
        *(f"lambdas/{source}" for source in _sources(*packages)),
    }


def test_preparer_and_inference_share_one_image(default: Deployment) -> None:
    storage, inference = (default.assets(name)["dockerImages"] for name in ("Storage", "Inference"))

    assert len(storage) == 1
    assert storage.keys() == inference.keys()


def test_image_is_built_from_the_one_dockerfile(deploy: Callable[..., Deployment]) -> None:
    for architecture, platform in (("x86_64", "linux/amd64"), ("arm64", "linux/arm64")):
        deployment = deploy(architecture=architecture)
        (image,) = deployment.assets("Inference")["dockerImages"].values()
        source = {k: v for k, v in image["source"].items() if k != "directory"}

        assert source == {
            "dockerFile": "docker/Dockerfile",
            "dockerBuildTarget": "lambda",
            "dockerBuildArgs": {"ENVIRONMENTS": " ".join(Settings().environments)},
            "platform": platform,
        }


def test_zips_are_packaged_without_their_siblings(default: Deployment) -> None:
    zips = [
        set(_files(default.directory / file["source"]["path"]))
        for file in default.assets("Storage")["files"].values()
        if file["source"]["packaging"] == "zip"
    ]

    assert len(zips) == 3
    assert _sources("loader", "serving") | COMPILER_RECORDS in zips
    assert _sources("notifier", "serving") | COMPILER_RECORDS in zips
    assert _sources("dispatcher", "serving") | COMPILER_RECORDS in zips


def test_zips_hold_all_that_their_handlers_import(default: Deployment) -> None:
    for file in default.assets("Storage")["files"].values():
        folder = default.directory / file["source"]["path"]
        (package,) = {path.parent.name for path in folder.glob("*/handler.py")} or {None}
        if package is None:
            continue
        command = [sys.executable, "-P", "-c", f"import {package}.handler"]
        environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert "ModuleNotFoundError" not in done.stderr, done.stderr
