"""Builds environments: `python -m environment_builder --to .environments sklearn-1.5`."""

import argparse
import sys
from pathlib import Path

from environment_builder.build import Builder
from environment_builder.definition import names, read
from environment_builder.errors import BuildError, NoPython
from environment_builder.sharing import bytes_on_disk


def main() -> None:
    """Run the command."""
    given = _parser().parse_args()
    wanted = [name for word in given.names for name in word.replace(",", " ").split()]
    builder = Builder(given.to.absolute(), given.kernel, lambda line: print(line, flush=True))
    wanted = wanted or ([] if given.only_named else list(names()))
    failed = []
    try:
        for definition in [read(name) for name in wanted]:
            try:
                builder.build(definition)
            except NoPython as error:
                failed.append(definition.name)
                print(f"{definition.name}: left out. {error}", flush=True)
    except BuildError as error:
        sys.exit(f"Not built: {error}")
    folders = builder.others("")
    print(f"{len(folders)} environments in {given.to}: {bytes_on_disk(folders) / 1e6:.0f} MB")
    if failed and not given.leave_out:
        sys.exit(f"Not built: {', '.join(failed)}. --leave-out takes that for granted.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m environment_builder", description=__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="of a file in environments/; without one, all")
    add("--to", type=Path, required=True, help="the folder in which they lie side by side")
    add("--kernel", type=Path, help="the wheel, or the source, of the compiled trees")
    add("--only-named", action="store_true", help="without a name build none, instead of all")
    add(
        "--leave-out", action="store_true",
        help="end well although an environment's Python isn't on this machine",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    main()
