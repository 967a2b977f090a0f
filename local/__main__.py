"""Run the synthesized assembly on this machine: `python -m local --help`."""

import asyncio
import logging
import os
import signal
import sys

from local.assembly import read_assembly
from local.endpoints import Endpoints
from local.errors import LocalError
from local.options import Options, parse
from local.resources import Assembly
from local.state import State
from local.system import System

_log = logging.getLogger("local")


def main() -> int:
    """Run until Ctrl-C or SIGTERM; 1 when it can't start."""
    logging.basicConfig(format="%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
    _log.setLevel(logging.INFO)
    try:
        options = parse(sys.argv[1:], os.environ)
        state = State(options.state.resolve())
        with state.locked():
            assembly = read_assembly(options.assembly.resolve())
            return asyncio.run(_run(options, assembly, state))
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


async def _run(options: Options, assembly: Assembly, state: State) -> int:
    for warning in assembly.warnings:
        _log.warning(warning)
    system = System(options, assembly, state)
    serving = asyncio.create_task(
        system.serve(lambda found: print(_banner(found, state), flush=True))
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        print("stopped", flush=True)
    return 0


OPEN = "open: API_AUTH=none, the template's authorization is not enforced"
GUARDED = "API_AUTH=template: signatures, API keys and limits as the template has them"


def _banner(endpoints: Endpoints, state: State) -> str:
    return f"""
  API      {endpoints.api}      {OPEN if endpoints.api_auth == "none" else GUARDED}
  S3, SQS  {endpoints.s3}
  bucket   {endpoints.bucket}
  logs     {state.logs}

  export AWS_ACCESS_KEY_ID={endpoints.access_key} AWS_SECRET_ACCESS_KEY={endpoints.secret_key} \
AWS_DEFAULT_REGION={endpoints.region}
  aws --endpoint-url {endpoints.s3} s3 cp model.joblib s3://{endpoints.bucket}/
  {_call(endpoints)}

  Ctrl-C stops all.
"""


def _call(endpoints: Endpoints) -> str:
    if endpoints.api_auth == "none":
        return f"curl {endpoints.api}/models"
    if endpoints.api_key:
        return f"curl -H 'x-api-key: {endpoints.api_key}' {endpoints.api}/models"
    signed = f"--aws-sigv4 aws:amz:{endpoints.region}:execute-api"
    return (
        f'curl {signed} --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" {endpoints.api}/models'
    )


if __name__ == "__main__":
    sys.exit(main())
