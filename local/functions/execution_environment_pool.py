"""A function's execution environments: more of them under load, up to a limit."""

import asyncio
import itertools
import logging
from pathlib import Path

from local.assembly.resources.lambda_function import Function
from local.errors import AssemblyError
from local.functions.execution_environment import ExecutionEnvironment
from local.functions.function_program import FunctionProgram
from local.functions.runtime_api import Invocation, InvocationResult
from local.process_reaper import ProcessReaper
from local.state_folder import StateFolder

REQUEST_LIMIT = 6_291_456  # bytes of a synchronous invocation's payload

_log = logging.getLogger("local")


class PayloadTooLarge(Exception):
    """Lambda would refuse the invocation with RequestEntityTooLargeException."""


class ExecutionEnvironmentPool:
    """Invokes one function; what comes beyond the limit waits its turn."""

    def __init__(
        self, program: FunctionProgram, state: StateFolder, watchdog: ProcessReaper, limit: int
    ) -> None:
        self._program = program
        self._state = state
        self._watchdog = watchdog
        self._limit = limit
        self._turns = asyncio.Semaphore(limit)
        self._idle: list[ExecutionEnvironment] = []
        self._all: set[ExecutionEnvironment] = set()
        self._numbers = itertools.count(1)
        self._closed = False

    @property
    def function(self) -> Function:
        """The function that is run here."""
        return self._program.function

    async def warm(self, provisioned: int = 0) -> None:
        """Start a first process, so that a handler that can't be imported stops the start.

        Likewise what else is provisioned, as far as the limit lets it.
        """
        for _ in range(max(1, min(provisioned, self._limit))):
            await self._warm_one()

    async def _warm_one(self) -> None:
        sandbox = await self._start()
        if isinstance(sandbox, InvocationResult):
            raise AssemblyError(
                f"{self.function.where}: its handler {self._program.handler} does not start: "
                f"{sandbox.summary} (see {self._log_path})"
            )
        self._idle.append(sandbox)

    async def invoke(self, invocation: Invocation) -> InvocationResult:
        """Call the function. Raises PayloadTooLarge above 6 MB."""
        if len(invocation.payload) > REQUEST_LIMIT:
            raise PayloadTooLarge(len(invocation.payload))
        async with self._turns:
            sandbox = await self._take_idle() or await self._start()
            result = (
                sandbox
                if isinstance(sandbox, InvocationResult)
                else await self._use(sandbox, invocation)
            )
        if result.error and not self._closed:
            _log.error("%s: %s", self.function.name, result.summary)
        return result

    async def close(self) -> None:
        """Kill all processes."""
        self._closed = True
        await asyncio.gather(*(sandbox.close() for sandbox in self._all))

    async def _use(self, sandbox: ExecutionEnvironment, invocation: Invocation) -> InvocationResult:
        result = await sandbox.invoke(invocation)
        if sandbox.alive:
            self._idle.append(sandbox)
        else:
            await self._drop(sandbox)
        return result

    async def _take_idle(self) -> ExecutionEnvironment | None:
        while self._idle:
            sandbox = self._idle.pop()
            if await sandbox.ready():
                return sandbox
            await self._drop(sandbox)
        return None

    async def _drop(self, sandbox: ExecutionEnvironment) -> None:
        self._all.discard(sandbox)
        await sandbox.close()

    async def _start(self) -> ExecutionEnvironment | InvocationResult:
        tmp = self._state.tmp / f"{self.function.name}-{next(self._numbers)}"
        sandbox = await ExecutionEnvironment.start(
            self._program, tmp, self._log_path, self._watchdog
        )
        self._all.add(sandbox)
        failure = await sandbox.initialize()
        if failure is None:
            return sandbox
        self._all.discard(sandbox)
        return failure

    @property
    def _log_path(self) -> Path:
        return self._state.logs / f"{self.function.name}.log"
