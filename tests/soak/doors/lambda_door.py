"""Lambda's handler in processes under its runtime client, each of which takes one call at a time.

Callers wait for a process that is free, as calls beyond a function's concurrency would be refused.
That wait isn't the time of their call.
"""

import asyncio
import contextlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from benchmarks.workers import hostile
from local.assembly.resources.lambda_function import Function
from local.assembly.resources.package import ZipPackage
from local.functions.execution_environment import ExecutionEnvironment
from local.functions.function_program import FunctionProgram
from local.functions.runtime_api import Invocation
from local.process_reaper import ProcessReaper
from tests.soak import models
from tests.soak.callers import Reply

LAMBDAS = Path(__file__).resolve().parents[3] / "lambdas"
ENVIRONMENTS = 3
TIMEOUT_SECONDS = 29
PREDICT_SECONDS = 6


class LambdaDoor:
    """A few execution environments, and a thread with the loop that they need."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._reaper = ProcessReaper()
        self._free: queue.Queue[ExecutionEnvironment] = queue.Queue()
        self._all = [self._start(number) for number in range(ENVIRONMENTS)]

    def ask(self, model: str, instances: list[Any]) -> Reply:
        """Invoke one that is free."""
        body = json.dumps({"model": model, "instances": instances})
        headers = {"content-type": "application/json"}
        event = {"httpMethod": "POST", "path": "/inference", "headers": headers, "body": body}
        environment = self._free.get()
        begun = time.perf_counter()
        try:
            result = self._run(environment.invoke(Invocation(json.dumps(event).encode())))
        finally:
            self._free.put(environment)
        took = time.perf_counter() - begun
        answer = json.loads(result.payload)
        if result.error:
            return Reply(502, answer, took)
        return Reply(answer["statusCode"], json.loads(answer["body"]), took)

    def ended(self) -> int:
        """Count processes of the function that have ended."""
        return sum(not environment.alive for environment in self._all)

    def close(self) -> None:
        """End all of them."""
        for environment in self._all:
            self._run(environment.close())
        self._run(_cancel_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._reaper.close()

    def _start(self, number: int) -> ExecutionEnvironment:
        log = self._folder / f"{number}.log"
        place = self._folder / f"tmp-{number}"
        program = _program(self._folder)
        started: ExecutionEnvironment = self._run(
            ExecutionEnvironment.start(program, place, log, self._reaper)
        )
        failure = self._run(started.initialize())
        assert failure is None, failure
        self._free.put(started)
        return started

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


async def _cancel_others() -> None:
    """End what the runtime's API has under way."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _program(folder: Path) -> FunctionProgram:
    function = Function(
        name="inference",
        arn="arn:aws:lambda:us-east-1:123456789012:function:inference",
        where="the soak",
        package=ZipPackage(LAMBDAS),
        handler="inference.handler.handler",
        runtime=None,
        timeout=TIMEOUT_SECONDS,
        memory_mb=3008,
        environment={},
        mounts=(),
        policy=(),
    )
    variables = {
        "MODEL_DIR": str(folder / "models"),
        "ALLOWED_ORIGINS": "*",
        "PRELOAD": "",
        "REFRESH_SECONDS": "1",
        "LOG_LEVEL": "ERROR",
        "PREDICT_SECONDS": str(PREDICT_SECONDS),
        "FALL_BACK": "off",
        "CAPTURE_PERCENT": "0",
        "CAPTURE_REDACT": "[]",
        "CAPTURE_MAX_BYTES": "65536",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_SECRET_ACCESS_KEY": models.SECRET,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "PYTHONPATH": hostile.UNGUARDED,
        "_HANDLER": "inference.handler.handler",
    }
    return FunctionProgram(function, "inference.handler.handler", LAMBDAS, variables)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[LambdaDoor]:
    """Publish the models, and serve them."""
    models.publish(folder)
    door = LambdaDoor(folder)
    try:
        yield door
    finally:
        door.close()
