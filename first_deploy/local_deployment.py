"""A stage on this machine: the local system, with the template's authorization."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

from first_deploy.access import Access
from first_deploy.deployment import DeploymentFailed
from local.endpoints import Endpoints
from local.launcher import SystemFailed, running_system
from modelmount.target import local_target

ROOT = Path(__file__).resolve().parents[1]


class LocalDeployment:
    """The emulator.

    Args:
        assembly: a synthesized app; without it one is synthesized.
    """

    is_local = True

    def __init__(self, stage: str, settings: dict[str, str], assembly: Path | None) -> None:
        self.stage = stage
        self._settings = settings
        self._assembly = assembly
        self._running = contextlib.ExitStack()
        self._folder: Path | None = None

    def describe(self) -> str:
        """Say where it is."""
        what = f"stage {self.stage}" if self._assembly is None else f"assembly {self._assembly}"
        return f"The local system on this machine, {what}."

    def deploy(self) -> None:
        """Synthesize, and start what the templates describe."""
        folder = Path(tempfile.mkdtemp(prefix="first-deploy-"))
        self._folder = folder
        assembly = self._assembly or self._synthesize(folder / "cdk.out")
        system = running_system(assembly, folder / "state", auth="template")
        try:
            self._running.enter_context(system)
        except SystemFailed as error:
            raise DeploymentFailed(str(error)) from error

    def access(self) -> Access:
        """Return the way to the running system."""
        found = Endpoints.read(self._state / "endpoints.json")
        session = boto3.Session(found.access_key, found.secret_key, region_name=found.region)
        topic = found.outputs["NoticesTopicArn"]
        target = local_target(self._state)
        return Access(target, found.api, found.bucket, topic, session, endpoint=found.s3)

    def lose_file_system(self) -> None:
        """Delete all models."""
        (models,) = self._state.glob("efs/*/export/lambda/models")
        for entry in models.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def log_lines(self, function: str) -> list[str]:
        """Return the lines of a function's log."""
        logs = sorted((self._state / "logs").glob(f"{function}*.log"))
        return [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]

    def destroy(self) -> list[str]:
        """Stop it, and delete its folder."""
        self._running.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        return []

    @property
    def _state(self) -> Path:
        if self._folder is None:
            raise DeploymentFailed("The local system doesn't run.")
        (state,) = (self._folder / "state").glob("demo-*")
        return state

    def _synthesize(self, output: Path) -> Path:
        settings = {"stage": self.stage, **self._settings}
        context = [text for k, v in settings.items() for text in ("-c", f"{k}={v}")]
        # The app of cdk.json is `python3`: the one with aws-cdk-lib has to come first.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = ["npx", "--no-install", "cdk", "synth", "--quiet", "--no-notices"]
        done = subprocess.run(  # noqa: S603 (our own arguments)
            [*command, "--output", str(output), *context],
            cwd=ROOT,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DeploymentFailed(done.stderr.strip()[-2000:])
        return output
