"""Two synths of the same sources are the same, so that a second `cdk diff` shows nothing."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks.configurations import GUARDED
from tests.stacks.deployment import ROOT

pytestmark = pytest.mark.slow

SOURCES = (
    *("app.py", "cdk.json", ".dockerignore", "stacks", "lambdas", "kernel", "docker"),
    *("environments", "environment_builder"),
)
SETTINGS = {**GUARDED, "rollout": "canary", "dedicated": '{"fraud": {}, "iris": {}}'}


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Returns what two people synthesize, whose machines differ in all that may not count."""
    first = tmp_path_factory.mktemp("first")
    second = tmp_path_factory.mktemp("second") / "deep" / "down"
    for folder in (first, second):
        _copy(folder)
    _disguise(second)
    return (
        _synthesize(first, umask=0o022, PYTHONHASHSEED="1", TZ="UTC", LANG="C.UTF-8"),
        _synthesize(second, umask=0o077, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LANG="C"),
    )


def _copy(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)


def _disguise(folder: Path) -> None:
    """Gives files other times and modes, and adds what Python leaves behind."""
    for path in [p for p in folder.rglob("*") if p.is_file()]:
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.stat().st_mode & stat.S_IXUSR else 0o600)
    for package in [p for p in (folder / "lambdas").rglob("*") if p.is_dir()]:
        (package / "__pycache__").mkdir()
        (package / "__pycache__" / "left.cpython-313.pyc").write_bytes(b"left")


def _synthesize(folder: Path, *, umask: int, **environment: str) -> Path:
    flags = json.loads((folder / "cdk.json").read_text("utf-8"))["context"]
    run = subprocess.run(
        [sys.executable, str(folder / "app.py")],
        cwd=folder,
        env={
            **os.environ,
            "CDK_OUTDIR": str(folder / "cdk.out"),
            "CDK_CONTEXT_JSON": json.dumps({**flags, **SETTINGS}),
            **environment,
        },
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return folder / "cdk.out"


def _content(assembly: Path) -> dict[str, bytes]:
    """Returns every file but CDK's notes on which line made what, which nobody deploys."""
    return {
        str(path.relative_to(assembly)): path.read_bytes()
        for path in sorted(assembly.rglob("*"))
        if path.is_file() and not path.name.endswith(".metadata.json")
    }


def test_two_synths_are_the_same_byte_by_byte(assemblies: tuple[Path, Path]) -> None:
    first, second = map(_content, assemblies)

    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    # Templates, asset manifests and the assets themselves, whose names are their hashes.
    assert len([name for name in first if name.endswith(".template.json")]) == 3
    assert len({name.split("/")[0] for name in first if name.startswith("asset.")}) >= 4


def test_staged_files_can_be_read_by_everybody_and_differ_in_no_mode(
    assemblies: tuple[Path, Path],
) -> None:
    first, second = (
        {
            str(path.relative_to(assembly)): stat.S_IMODE(path.stat().st_mode)
            for asset in assembly.glob("asset.*")
            for path in (asset, *asset.rglob("*"))
        }
        for assembly in assemblies
    )

    assert first == second
    assert set(second.values()) <= {0o644, 0o755}
