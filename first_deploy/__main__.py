"""`bin/first-deploy`: see --help and docs/first-deploy.md."""

import argparse
import importlib.metadata
import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from first_deploy import estimate
from first_deploy.aws_deployment import AwsDeployment
from first_deploy.checks import ALL
from first_deploy.deployment import Deployment, DeploymentFailed
from first_deploy.journal import Journal, JournalError
from first_deploy.local_deployment import LocalDeployment
from first_deploy.report import report, table
from first_deploy.runner import Runner
from first_deploy.stage import Stage
from modelmount import __version__
from modelmount.cost.recommendation import NEW_ACCOUNT_MB

FAILURES = (DeploymentFailed, JournalError, BotoCoreError, ClientError)
WRONG = ("differs", "failed", "not reached")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 0 when all is as expected and nothing is left, 1 when not, 2 when nothing was begun."""
    options = _parser().parse_args(arguments)
    if options.table:
        print(table(ALL))
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        journal = Journal.open(options.state, options.stage)
        stage = Stage(_deployment(options, journal), journal)
        where = stage.deployment.describe()
        print(f"{where}\n{_estimate(options)}", flush=True)
        if not _agreed(options):
            return 2
        journal.keep()
        if options.local:
            journal.results.clear()  # the system of an earlier run is gone
    except FAILURES as error:
        print(f"first-deploy: {error}", file=sys.stderr)
        return 2
    return _run(options, stage, where)


def _run(options: argparse.Namespace, stage: Stage, where: str) -> int:
    runner = Runner(stage, ALL, lambda line: print(line, flush=True))
    is_interrupted = False
    try:
        if not options.destroy:
            runner.run()
    except KeyboardInterrupt:
        is_interrupted = True
        print("Interrupted: the stage is destroyed first.", flush=True)
    finally:
        if not options.keep:
            runner.destroy()
    results = stage.journal.results
    local = stage.deployment.is_local
    text = report(where, _versions(), _estimate(options), ALL, results, is_local=local)
    options.report.write_text(text, "utf-8")
    print(f"\n{text}\nThis report is in {options.report}.", flush=True)
    wrong = any(result.outcome in WRONG for result in results.values())
    return 1 if wrong or is_interrupted else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="first-deploy",
        description="Deploy a throw-away stage, check what only an account can show, destroy it.",
    )
    add = parser.add_argument
    add("--local", action="store_true", help="on this machine's local system, for nothing")
    add("--yes", action="store_true", help="don't ask before money is spent")
    add("--stage", help="its name; it begins with first- (default: a new one)")
    add("--keep", action="store_true", help="leave the stage up; --destroy removes it later")
    add("--destroy", action="store_true", help="only destroy what an earlier run left")
    add("-c", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="a setting")
    add("--report", type=Path, default=Path("first-deploy.md"), metavar="FILE", help="is written")
    add("--state", type=Path, default=Path(".first-deploy"), metavar="FOLDER", help="the journal's")
    add("--assembly", type=Path, help="a synthesized app for --local")
    add("--table", action="store_true", help="print the checks as the documentation has them")
    return parser


def _deployment(options: argparse.Namespace, journal: Journal) -> Deployment:
    settings = _settings(options)
    if options.local:
        return LocalDeployment(journal.stage, settings, options.assembly)
    return AwsDeployment(journal, settings)


def _settings(options: argparse.Namespace) -> dict[str, str]:
    settings = {"memory_mb": str(NEW_ACCOUNT_MB)}
    for text in options.settings:
        key, equals, value = text.partition("=")
        if not equals or key == "stage":
            raise DeploymentFailed(f"-c {text}: give KEY=VALUE; the stage is --stage.")
        settings[key] = value
    return settings


def _estimate(options: argparse.Namespace) -> str:
    if options.local:
        return "A local run costs nothing."
    return estimate.line(int(_settings(options)["memory_mb"]))


def _versions() -> str:
    cdk = importlib.metadata.version("aws-cdk-lib")
    return f"modelmount {__version__}, aws-cdk-lib {cdk}, Python {platform.python_version()}"


def _agreed(options: argparse.Namespace) -> bool:
    if options.yes or options.local or options.destroy:
        return True
    if not sys.stdin.isatty():
        print("first-deploy: nobody can be asked here; add --yes to spend.", file=sys.stderr)
        return False
    return input("Deploy? Type yes: ").strip() == "yes"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
