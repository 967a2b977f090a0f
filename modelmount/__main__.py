"""`modelmount COMMAND`: see --help."""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelmount import __version__, ab
from modelmount.container import UnusableModel
from modelmount.cost import command as cost
from modelmount.operations import OperationFailed, operate, show
from modelmount.package import MAX_GB, package
from modelmount.reconcile import lines, reconcile, report
from modelmount.redrive import redrive
from modelmount.serve_local import ServerEnded, serve_local
from modelmount.target import Target, TargetError, aws_target, local_target

DONE = {
    "activated": "{model}: version {version} serves",
    "pinned": "{model}: pinned to version {version}",
    "unpinned": "{model}: no longer pinned, version {version} serves",
    "rolled_back": "{model}: rolled back to version {version}",
    "withdrawn": "{model}: deleted {version}",
}


FAILURES = (
    TargetError, OperationFailed, UnusableModel, ServerEnded, ClientError, BotoCoreError, OSError,
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when it is done, 1 with the reason when not."""
    options = _parser().parse_args(arguments)
    try:
        for line in options.run(options):
            print(line, flush=True)
    except FAILURES as error:
        print(f"modelmount: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modelmount",
        description="Pack and try models, and look after those of a deployment.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
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
    reconcile_.add_argument(
        "--force", action="store_true", help="withdraw all that the bucket lacks, however much"
    )
    _add(commands, "redrive", "send events again that could not be handled", _redrive)
    cost_ = _add(commands, "cost", "memory that the models need, and what calls cost", _cost)
    cost_.add_argument("--memory-mb", type=int, help="a further memory_mb to compare with")
    cost_.add_argument("--milliseconds", type=float, help="that a call takes")
    weights = _add(commands, "ab", "weights of variants on SageMaker: show, shift", _ab)
    weights.add_argument("weights", nargs="*", metavar="VARIANT=WEIGHT", help="new weights")
    weights.add_argument("--endpoint", help="which, where there are several")
    _add_packing(commands)
    return parser


def _add_packing(commands: Any) -> None:
    text = "pack a model for SageMaker: a model's file, a folder, or a script"
    packing = _add(commands, "package", text, _package)
    trying = _add(commands, "serve-local", "serve a model here, as its container would", _serve)
    for command in (packing, trying):
        command.add_argument("source", type=Path, metavar="MODEL", help="file, folder or script")
        command.add_argument("--script", type=Path, help="becomes code/inference.py beside a file")
    packing.add_argument("--output", type=Path, default=Path("model.tar.gz"), metavar="FILE")
    packing.add_argument("--max-gb", type=float, default=MAX_GB, help="of all files (default: 30)")
    packing.add_argument("--dereference", action="store_true", help="pack what links lead to")
    trying.add_argument("--port", type=int, default=8080, help="default: 8080; 0: a free one")


def _add(
    commands: Any,  # argparse's own type is private
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


def _target(options: argparse.Namespace) -> Target:
    return local_target(options.state) if options.local else aws_target(options.stage)


def _operate(options: argparse.Namespace) -> list[str]:
    outcome = operate(_target(options), options.command, options.model, options.version)
    return [DONE[outcome["result"]].format_map(outcome)]


def _show(options: argparse.Namespace) -> list[str]:
    versions = show(_target(options), options.model)["versions"]
    return [
        f"{v['version']:<28} {v['state']:<12} {v['since']}  {v.get('reason', '')}".rstrip()
        for v in versions
    ]


def _reconcile(options: argparse.Namespace) -> Iterator[str]:
    target = _target(options)
    if options.dry_run:
        return lines(report(target, force=options.force))
    return reconcile(target, force=options.force)


def _cost(options: argparse.Namespace) -> Iterator[str]:
    models = cost.served_models(_target(options))
    return cost.lines(models, options.memory_mb, options.milliseconds)


def _ab(options: argparse.Namespace) -> Iterator[str]:
    client, names = (
        ab.local_client(options.state) if options.local else ab.aws_client(options.stage)
    )
    endpoint = ab.chosen(options.endpoint, names)
    if weights := ab.parsed(options.weights):
        ab.shift(client, endpoint, weights)
    yield from ab.show(client, endpoint)


def _redrive(options: argparse.Namespace) -> Iterator[str]:
    lines = redrive(_target(options))
    yield next(lines, "The queue is empty.")
    yield from lines


def _package(options: argparse.Namespace) -> Iterator[str]:
    return package(
        options.source,
        options.output,
        script=options.script,
        max_gb=options.max_gb,
        dereference=options.dereference,
    )


def _serve(options: argparse.Namespace) -> Iterator[str]:
    return serve_local(options.source, port=options.port, script=options.script)


if __name__ == "__main__":
    sys.exit(main())
