"""The CDK command line, run for one stage."""

import os
import subprocess
import sys
from pathlib import Path

from first_deploy.deployment import DeploymentFailed

ROOT = Path(__file__).resolve().parents[1]
SAID_CHARACTERS = 2000


class Cdk:
    """Runs `cdk` with a stage's settings.

    Args:
        app: a synthesized assembly in place of the app.
    """

    def __init__(self, stage: str, settings: dict[str, str], app: Path | None = None) -> None:
        context = {"stage": stage, **settings}
        self._context = [text for k, v in context.items() for text in ("-c", f"{k}={v}")]
        self._app = ["--app", str(app)] if app else []

    def run(self, *arguments: str) -> str:
        """Run a command and return what it said. Raises DeploymentFailed."""
        # The app of cdk.json is `python3`: the one with aws-cdk-lib has to come first.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = ["npx", "--no-install", "cdk", "--no-notices", "--ci", *arguments]
        done = subprocess.run(  # noqa: S603 (our own arguments)
            [*command, *self._app, *self._context],
            cwd=ROOT,
            env={**os.environ, "PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout.strip()[-SAID_CHARACTERS:]
            raise DeploymentFailed(f"cdk {arguments[0]} failed. It said at the end:\n{said}")
        return done.stdout
