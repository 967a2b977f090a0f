"""`modelmount COMMAND`: see --help."""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelmount import ab
from modelmount.operations import OperationFailed, operate, show
from modelmount.reconcile import lines, plan, reconcile
from modelmount.redrive import redrive
from modelmount.target import Target, TargetError, aws_target, local_target

DONE = {
    "activated": "{model}: version {version} serves",
    "pinned": "{model}: pinned to version {version}",
    "unpinned": "{model}: no longer pinned, version {version} serves",
    "rolled_back": "{model}: rolled back to version {version}",
    "withdrawn": "{model}: deleted {version}",
}


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when it is done, 1 with the reason when not."""
    options = _parser().parse_args(arguments)
    try:
        for line in _lines(options):
            print(line, flush=True)
    except (TargetError, OperationFailed, ClientError, BotoCoreError) as error:
        print(f"modelmount: {error}", file=sys.stderr)
        return 1
    return 0


def _lines(options: argparse.Namespace) -> Iterator[str]:
    if options.command == "ab":
        yield from _ab(options)
        return
    target = local_target(options.state) if options.local else aws_target(options.stage)
    yield from options.run(target, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modelmount",
        description="Look after the models of a deployment, on AWS or on this machine.",
    )
    where = parser.add_argument_group("deployment")
    where.add_argument("--stage", default="dev", help="stage deployed on AWS (default: dev)")
    where.add_argument("--local", action="store_true", help="the local system in its place")
    where.add_argument("--state", type=Path, default=Path(".local"), help="its state folder")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add(commands, "show", "versions of a model and their states", _show, "model")
    _add(commands, "rollback", "make an older version current", _operate, "model", "version?")
    _add(commands, "pin", "keep a version current, whatever arrives", _operate, "model", "version")
    _add(commands, "unpin", "let the newest version serve again", _operate, "model")
    _add(commands, "delete", "withdraw a version, or all", _operate, "model", "version?")
    reconcile_ = _add(commands, "reconcile", "compare bucket and file system, repair", _reconcile)
    reconcile_.add_argument("--dry-run", action="store_true", help="tell the plan alone")
    _add(commands, "redrive", "send events again that could not be handled", _redrive)
    weights = _add(commands, "ab", "weights of variants on SageMaker: show, shift", _ab)
    weights.add_argument("weights", nargs="*", metavar="VARIANT=WEIGHT", help="new weights")
    weights.add_argument("--endpoint", help="which, where there are several")
    return parser


def _add(
    commands: Any,  # noqa: ANN401 (argparse's own type is private)
    name: str,
    text: str,
    run: Callable[..., Any],
    *arguments: str,
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run, command=name, version=None)
    for argument in arguments:
        command.add_argument(argument.rstrip("?"), nargs="?" if argument.endswith("?") else None)
    return command


def _operate(target: Target, options: argparse.Namespace) -> list[str]:
    outcome = operate(target, options.command, options.model, options.version)
    return [DONE[outcome["result"]].format_map(outcome)]


def _show(target: Target, options: argparse.Namespace) -> list[str]:
    versions = show(target, options.model)["versions"]
    return [
        f"{v['version']:<28} {v['state']:<12} {v['since']}  {v.get('reason', '')}".rstrip()
        for v in versions
    ]


def _reconcile(target: Target, options: argparse.Namespace) -> Iterator[str]:
    return lines(plan(target)) if options.dry_run else reconcile(target)


def _ab(options: argparse.Namespace) -> Iterator[str]:
    client, names = (
        ab.local_client(options.state) if options.local else ab.aws_client(options.stage)
    )
    endpoint = ab.chosen(options.endpoint, names)
    if weights := ab.parsed(options.weights):
        ab.shift(client, endpoint, weights)
    yield from ab.show(client, endpoint)


def _redrive(target: Target, _: argparse.Namespace) -> Iterator[str]:
    lines = redrive(target)
    yield next(lines, "The queue is empty.")
    yield from lines


if __name__ == "__main__":
    sys.exit(main())
