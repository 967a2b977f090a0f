"""The stacks, deployed by the CDK command line to MiniStack."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.assembly.reader import read_assembly
from tests.deploy.assembly import adapt
from tests.deploy.door import listening
from tests.deploy.ministack import MiniStack, running
from tests.deploy.relay import Relay
from tests.image.conftest import images, runner  # noqa: F401 (fixtures)
from tests.image.emulator import Runner


@pytest.fixture(scope="module")
def ministack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    with running(root, tmp_path_factory.mktemp("ministack")) as found:
        yield found


@pytest.fixture(scope="module")
def synthesized(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize(root, tmp_path_factory.mktemp("assembly") / "cdk.out")


def synthesize(root: Path, folder: Path, *settings: str) -> Path:
    """Synthesize the stacks into a folder, with further settings such as `kms=on`."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    contexts = ("auth=none", "memory_mb=3008", *settings)
    subprocess.run(
        [
            *("npx", "--no-install", "cdk", "synth", "--quiet", "--no-notices"),
            *("--output", str(folder)),
            *(text for context in contexts for text in ("-c", context)),
        ],
        cwd=root,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def relay(
    ministack: MiniStack,
    runner: Runner,  # noqa: F811 (the fixture)
    synthesized: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Relay, str]]:
    """The relay, and where it listens."""
    folder = tmp_path_factory.mktemp("deployed")
    folder.chmod(0o755)
    efs = folder / "efs"
    relay = Relay(ministack, runner, read_assembly(synthesized), efs)
    with listening(relay) as url:
        yield relay, url
    relay.close()


@pytest.fixture(scope="module")
def assembly(
    synthesized: Path, relay: tuple[Relay, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The copy that MiniStack takes."""
    target = tmp_path_factory.mktemp("adapted") / "cdk.out"
    adapt(synthesized, target, relay[1])
    return target
