"""Runs all functions of an assembly."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from local.assembly.assembly import Assembly
from local.functions.execution_environment_pool import ExecutionEnvironmentPool
from local.functions.function_program import ServiceUrls, prepare_function
from local.process_reaper import ProcessReaper
from local.state_folder import StateFolder


@asynccontextmanager
async def running_pools(
    assembly: Assembly,
    state: StateFolder,
    reaper: ProcessReaper,
    urls: ServiceUrls,
    *,
    max_processes: int,
) -> AsyncIterator[Mapping[str, ExecutionEnvironmentPool]]:
    """Starts a pool for each function, by its ARN; closes all at the end.

    Raises AssemblyError when a function's handler does not start.
    """
    pools: dict[str, ExecutionEnvironmentPool] = {}
    try:
        # Outer access points first, so that each folder gets the permissions of its own.
        for function in sorted(
            assembly.functions.values(),
            key=lambda f: min((len(m.root) for m in f.mounts), default=0),
        ):
            program = prepare_function(function, state, assembly.region, urls)
            pools[function.arn] = ExecutionEnvironmentPool(program, state, reaper, max_processes)
        await _warm(pools, assembly)
        yield pools
    finally:
        await asyncio.gather(*(pool.close() for pool in pools.values()))


async def _warm(pools: Mapping[str, ExecutionEnvironmentPool], assembly: Assembly) -> None:
    outcomes = await asyncio.gather(
        *(pool.warm(_provisioned(assembly, arn)) for arn, pool in pools.items()),
        return_exceptions=True,
    )
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


def _provisioned(assembly: Assembly, function_arn: str) -> int:
    aliases = assembly.aliases.values()
    return sum(a.provisioned for a in aliases if a.function_arn == function_arn)
