"""From the start of a process to its first answer, under Lambda's own runtime client."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.functions.runtime_api import Invocation, RuntimeApi

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:measured"
SECONDS = 120.0


def first_answer(
    handler: str, folder: Path, environment: Mapping[str, str], event: Mapping[str, Any]
) -> tuple[float, Any]:
    """Return the milliseconds until a new process has answered one event, and the answer.

    Args:
        handler: `module.function`, found in `folder`.
        environment: added to this process's own.
    """
    return asyncio.run(_first_answer(handler, folder, environment, event))


async def _first_answer(
    handler: str, folder: Path, environment: Mapping[str, str], event: Mapping[str, Any]
) -> tuple[float, Any]:
    api = RuntimeApi(ARN)
    await api.start()
    outcome = api.submit(Invocation(json.dumps(event).encode()), SECONDS)
    # Modules are byte-compiled in the image, so they are here, after the first round.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "awslambdaric", handler),
        cwd=folder,
        env={**inherited, "AWS_LAMBDA_RUNTIME_API": api.address, **environment},
        stdout=asyncio.subprocess.DEVNULL,
    )
    ended = asyncio.ensure_future(process.wait())
    either: set[asyncio.Future[Any]] = {outcome, ended}
    await asyncio.wait(either, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if not outcome.done():
        raise SystemExit(f"{handler} gave no answer; it ended with {process.returncode}")
    result = outcome.result()
    milliseconds = (time.perf_counter() - begun) * 1000
    process.kill()
    await ended
    await api.close()
    if result.error:
        raise SystemExit(f"{handler}: {result.summary}")
    return milliseconds, json.loads(result.payload)
