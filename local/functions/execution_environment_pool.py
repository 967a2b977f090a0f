"""A pool of a function's execution environments, which grows under load up to a limit."""

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
    """The payload is too large: Lambda answers RequestEntityTooLargeException."""


class ExecutionEnvironmentPool:
    """Invokes one function; invocations beyond the limit wait."""

    def __init__(
        self, program: FunctionProgram, state: StateFolder, reaper: ProcessReaper, limit: int
    ) -> None:
        self._program = program
        self._state = state
        self._reaper = reaper
        self._limit = limit
        self._slots = asyncio.Semaphore(limit)
        self._idle: list[ExecutionEnvironment] = []
        self._all: set[ExecutionEnvironment] = set()
        self._numbers = itertools.count(1)
        self._closed = False

    @property
    def function(self) -> Function:
        """The function that this pool runs."""
        return self._program.function

    async def warm(self, provisioned: int = 0) -> None:
        """Starts the provisioned processes, up to the limit, and one in any case.

        Raises AssemblyError if the handler can't be imported, so that it stops the start.
        """
        for _ in range(max(1, min(provisioned, self._limit))):
            await self._start_idle()

    async def _start_idle(self) -> None:
        environment = await self._start()
        if isinstance(environment, InvocationResult):
            raise AssemblyError(
                f"{self.function.where}: its handler {self._program.handler} does not start: "
                f"{environment.summary} (see {self._log_path})"
            )
        self._idle.append(environment)

    async def invoke(self, invocation: Invocation) -> InvocationResult:
        """Calls the function. Raises PayloadTooLarge above 6 MB."""
        if len(invocation.payload) > REQUEST_LIMIT:
            raise PayloadTooLarge(len(invocation.payload))
        async with self._slots:
            environment = await self._take_idle() or await self._start()
            result = (
                environment
                if isinstance(environment, InvocationResult)
                else await self._use(environment, invocation)
            )
        if result.error and not self._closed:
            _log.error("%s: %s", self.function.name, result.summary)
        return result

    async def close(self) -> None:
        """Kills all processes."""
        self._closed = True
        await asyncio.gather(*(environment.close() for environment in self._all))

    async def _use(
        self, environment: ExecutionEnvironment, invocation: Invocation
    ) -> InvocationResult:
        result = await environment.invoke(invocation)
        if environment.alive:
            self._idle.append(environment)
        else:
            await self._drop(environment)
        return result

    async def _take_idle(self) -> ExecutionEnvironment | None:
        while self._idle:
            environment = self._idle.pop()
            if await environment.ready():
                return environment
            await self._drop(environment)
        return None

    async def _drop(self, environment: ExecutionEnvironment) -> None:
        self._all.discard(environment)
        await environment.close()

    async def _start(self) -> ExecutionEnvironment | InvocationResult:
        tmp = self._state.tmp / f"{self.function.name}-{next(self._numbers)}"
        environment = await ExecutionEnvironment.start(
            self._program, tmp, self._log_path, self._reaper
        )
        self._all.add(environment)
        failure = await environment.initialize()
        if failure is None:
            return environment
        self._all.discard(environment)
        return failure

    @property
    def _log_path(self) -> Path:
        return self._state.logs / f"{self.function.name}.log"
