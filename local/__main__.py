"""Runs the synthesized assembly on this machine: `python -m local --help`."""

import asyncio
import logging
import os
import signal
import sys

from local.assembly.assembly import Assembly
from local.assembly.reader import read_assembly
from local.banner import banner
from local.errors import LocalError
from local.options import Options, parse
from local.state_folder import StateFolder
from local.system import System

_log = logging.getLogger("local")


def main() -> int:
    """Runs until Ctrl-C or SIGTERM. Returns 1 if the system can't start."""
    logging.basicConfig(format="%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
    _log.setLevel(logging.INFO)
    try:
        options = parse(sys.argv[1:], os.environ)
        state = StateFolder(options.state.resolve())
        with state.locked():
            assembly = read_assembly(options.assembly.resolve())
            return asyncio.run(_run(options, assembly, state))
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


async def _run(options: Options, assembly: Assembly, state: StateFolder) -> int:
    for warning in assembly.warnings:
        _log.warning(warning)
    system = System(options, assembly, state)
    endpoints = assembly.endpoints.values()
    serving = asyncio.create_task(
        system.serve(lambda found: print(banner(found, endpoints, state.logs), flush=True))
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
