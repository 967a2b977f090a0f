"""A process of a function under the real runtime client."""

import asyncio
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.functions.exit_message import exit_message
from local.functions.function_program import FunctionProgram
from local.functions.runtime_api import Invocation, InvocationResult, RuntimeApi
from local.process_reaper import ProcessReaper
from local.processes import kill_group, kill_tree

INIT_TIMEOUT = 10.0  # seconds that Lambda allows before the function's own timeout counts


class ExecutionEnvironment:
    """An execution environment of Lambda: it runs one invocation at a time.

    It is dead after a timeout, a crash or a failed initialization.
    """

    def __init__(self, program: FunctionProgram, api: RuntimeApi, tmp: Path, log: Path) -> None:
        self._program = program
        self._api = api
        self._tmp = tmp
        self._log_path = log
        self._exit: asyncio.Task[int]
        self._closed = False

    @classmethod
    async def start(
        cls, program: FunctionProgram, tmp: Path, log: Path, reaper: ProcessReaper
    ) -> "ExecutionEnvironment":
        """Starts the process, which initializes on its own."""
        api = RuntimeApi(program.function.arn)
        await api.start()
        environment = cls(program, api, tmp, log)
        await environment._spawn(reaper)
        return environment

    async def _spawn(self, reaper: ProcessReaper) -> None:
        self._tmp.mkdir(parents=True, exist_ok=True)
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{self._tmp.name}"
        with self._log_path.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "awslambdaric",
                self._program.handler,
                # With -m the working directory comes first in sys.path: it is how the runtime
                # client finds the handler, and it keeps this repository out.
                cwd=self._program.task_root,
                env={
                    **self._program.environment,
                    "AWS_LAMBDA_LOG_STREAM_NAME": stream,
                    "AWS_LAMBDA_RUNTIME_API": self._api.address,
                    "HOME": str(self._tmp),
                    "TMPDIR": str(self._tmp),
                },
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = process.pid
        reaper.watch(self.pid)
        self._reaper = reaper
        self._exit = asyncio.create_task(process.wait())

    @property
    def alive(self) -> bool:
        """Whether the process lives."""
        return not self._exit.done()

    async def initialize(self) -> InvocationResult | None:
        """Waits until the handler is imported. Returns the failure, if there is one."""
        timeout = INIT_TIMEOUT + self._program.function.timeout
        if await self.ready(timeout):
            return None
        if self._api.init_failure.done():
            failure = self._api.init_failure.result()
        elif self._exit.done():
            failure = InvocationResult.failed(
                exit_message("", self._exit.result()), "Runtime.ExitError"
            )
        else:
            failure = InvocationResult.failed(
                f"Init timed out after {timeout:.2f} seconds", "Init.Timeout"
            )
        await self.close()
        return failure

    async def ready(self, timeout: float = INIT_TIMEOUT) -> bool:
        """Waits until the process asks for an invocation; returns whether it did, and lives."""
        if not self._api.polling.is_set():
            polling = asyncio.create_task(self._api.polling.wait())
            await self._wait_for_first(polling, timeout)
            polling.cancel()
        return self._api.polling.is_set() and self.alive

    async def invoke(self, invocation: Invocation) -> InvocationResult:
        """Calls the function, and kills it when its time is over."""
        timeout = self._program.function.timeout
        begin = time.monotonic()
        self._log(f"START RequestId: {invocation.request_id} Version: $LATEST")
        outcome = self._api.submit(invocation, timeout)
        await self._wait_for_first(outcome, timeout)
        result = (
            outcome.result()
            if outcome.done()
            else await self._failure_without_answer(invocation.request_id)
        )
        duration = (time.monotonic() - begin) * 1000
        self._log(f"END RequestId: {invocation.request_id}")
        self._log(f"REPORT RequestId: {invocation.request_id} Duration: {duration:.2f} ms")
        return result

    async def _wait_for_first(self, awaited: asyncio.Future[Any], timeout: float) -> None:
        """Waits for an answer, the end of the process or the end of its time."""
        either: set[asyncio.Future[Any]] = {awaited, self._exit, self._api.init_failure}
        await asyncio.wait(either, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)

    async def _failure_without_answer(self, request_id: str) -> InvocationResult:
        """Builds the result of a function that crashed or ran out of time."""
        if self._exit.done():
            message = exit_message(request_id, self._exit.result())
            return InvocationResult.failed(message, "Runtime.ExitError")
        await self.close()
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        timeout = self._program.function.timeout
        message = f"{stamp} {request_id} Task timed out after {timeout:.2f} seconds"
        self._log(message)
        return InvocationResult.failed(message)

    async def close(self) -> None:
        """Kills the process with its descendants, and deletes its /tmp."""
        if self._closed:
            return  # and never signal a process id twice: it may be another's by then
        self._closed = True
        if self.alive:
            kill_tree(self.pid)
        else:
            kill_group(self.pid)
        await self._exit
        self._reaper.release(self.pid)
        await self._api.close()
        shutil.rmtree(self._tmp, ignore_errors=True)

    def _log(self, line: str) -> None:
        with self._log_path.open("a") as log:
            log.write(line + "\n")
