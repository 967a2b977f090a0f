"""Puts the parts together: start all, announce, wait, stop all."""

import asyncio
import dataclasses
import logging
import os
import shutil
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TypeVar

from aiohttp import web

from local.assembly.account import ACCESS_KEY, SECRET_KEY
from local.assembly.assembly import Assembly
from local.endpoints import Endpoints
from local.errors import AssemblyError, LocalError
from local.functions.async_invoker import AsyncInvoker
from local.functions.execution_environment_pool import ExecutionEnvironmentPool
from local.functions.function_program import prepare_function
from local.functions.invoke_api import InvokeApi
from local.functions.scheduler import Scheduler
from local.gateway.access_control import AccessControl
from local.gateway.api_gateway import ApiGateway
from local.gateway.caller_credentials import CallerCredentials
from local.options import Options
from local.process_reaper import ProcessReaper
from local.s3.moto_process import MotoProcess
from local.s3.object_store import ObjectStore
from local.s3.proxy import S3Proxy
from local.sagemaker.service import SageMakerService
from local.state_folder import StateFolder

Found = TypeVar("Found")
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_log = logging.getLogger("local")


class System:
    """A run of an assembly."""

    def __init__(self, options: Options, assembly: Assembly, state: StateFolder) -> None:
        self._options = options
        self._assembly = assembly
        self._state = state
        self._api = _only("REST API with a stage", list(assembly.apis))
        self._bucket = _only(
            "bucket with notifications", [b for b in assembly.buckets.values() if b.notifications]
        )
        self._credentials: CallerCredentials | None = None
        self._gate: AccessControl | None = None
        if options.auth == "template":
            self._credentials = CallerCredentials.make_up()
            self._gate = AccessControl(
                self._api, assembly.account, assembly.region, self._credentials
            )

    async def serve(self, announce: Callable[[Endpoints], None]) -> None:
        """Run until cancelled, then stop all; `announce` is called when everything is ready.

        Raises LocalError when something can't be started, or the S3 server ends by itself.
        """
        shutil.rmtree(self._state.tmp, ignore_errors=True)
        self._state.logs.mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as stack:
            # Ports first: a taken one is known before anything is started.
            api_socket = stack.enter_context(self._options.api_port.bind())
            s3_socket = stack.enter_context(self._options.s3_port.bind())
            watchdog = ProcessReaper()
            stack.callback(watchdog.close)
            server = await MotoProcess.start(self._state, self._assembly.region, watchdog)
            stack.push_async_callback(server.close)
            hosting_url = await self._start_hosting(stack, watchdog, server)
            pools = await self._start_pools(stack, watchdog, _url(s3_socket), hosting_url)
            invoker = AsyncInvoker(pools, self._sender(server), self._options.retry_delay)
            stack.push_async_callback(invoker.close)
            proxy = S3Proxy(
                server.url, self._assembly.buckets, invoker.submit, self._assembly.region
            )
            await stack.enter_async_context(proxy.connected())
            await _listen(stack, s3_socket, proxy.handle)
            gateway = ApiGateway(self._api, self._assembly, pools, self._gate)
            await _listen(stack, api_socket, gateway.handle)
            invoke_socket = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            await _listen(stack, invoke_socket, InvokeApi(pools, invoker.submit).handle)
            queues = await self._create_resources(server, _url(s3_socket))
            stack.push_async_callback(Scheduler(self._assembly.rules, invoker.submit).close)
            found = self._endpoints(api_socket, s3_socket, invoke_socket, queues)
            endpoints = dataclasses.replace(found, sagemaker=hosting_url or None)
            stack.enter_context(self._state.published(endpoints.as_json()))
            announce(endpoints)
            await server.ended()
            raise LocalError(f"the S3 server ended by itself: see {self._state.logs / 's3.log'}")

    async def _start_hosting(
        self, stack: AsyncExitStack, watchdog: ProcessReaper, server: MotoProcess
    ) -> str:
        """Start what the runtime's API is answered by; its URL, none where there is no endpoint."""
        if not self._assembly.endpoints:
            return ""
        hosting = SageMakerService(
            self._assembly.endpoints,
            ObjectStore(server.url, self._assembly.region),
            server.publish,
            state=self._state,
            watchdog=watchdog,
            stand_in=self._options.sagemaker_server,
        )
        await hosting.create_buckets()
        stack.push_async_callback(hosting.close)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        await _listen(stack, listener, hosting.api.handle)
        return _url(listener)

    async def _start_pools(
        self, stack: AsyncExitStack, watchdog: ProcessReaper, s3_url: str, hosting_url: str
    ) -> dict[str, ExecutionEnvironmentPool]:
        pools: dict[str, ExecutionEnvironmentPool] = {}
        stack.push_async_callback(_close_pools, pools)
        # Outer access points first, so that each folder gets the permissions of its own.
        functions = sorted(
            self._assembly.functions.values(),
            key=lambda f: min((len(m.root) for m in f.mounts), default=0),
        )
        for function in functions:
            program = prepare_function(
                function, self._state, self._assembly.region, s3_url, hosting_url
            )
            limit = self._options.max_processes
            pools[function.arn] = ExecutionEnvironmentPool(program, self._state, watchdog, limit)
        outcomes = await asyncio.gather(
            *(pool.warm(self._provisioned(arn)) for arn, pool in pools.items()),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        return pools

    def _provisioned(self, function_arn: str) -> int:
        aliases = self._assembly.aliases.values()
        return sum(a.provisioned for a in aliases if a.function_arn == function_arn)

    def _sender(self, server: MotoProcess) -> Callable[[str, str], Awaitable[None]]:
        async def send(queue_arn: str, body: str) -> None:
            name = self._assembly.queues[queue_arn].name
            await server.send_message(name, body)
            _log.error("a message went into the queue %s", name)

        return send

    async def _create_resources(self, server: MotoProcess, s3_url: str) -> dict[str, str]:
        for bucket in self._assembly.buckets.values():
            await server.create_bucket(bucket)
        for topic in self._assembly.topics:
            await server.create_topic(topic)
        return {
            queue.name: s3_url + await server.create_queue(queue.name)
            for queue in self._assembly.queues.values()
        }

    def _endpoints(
        self,
        api: socket.socket,
        s3: socket.socket,
        invoke: socket.socket,
        queues: Mapping[str, str],
    ) -> Endpoints:
        return Endpoints(
            api=f"{_url(api)}/{self._api.stage}",
            s3=_url(s3),
            bucket=self._bucket.name,
            region=self._assembly.region,
            access_key=self._credentials.access_key if self._credentials else ACCESS_KEY,
            secret_key=self._credentials.secret_key if self._credentials else SECRET_KEY,
            pid=os.getpid(),
            queues=queues,
            invoke=_url(invoke),
            outputs=self._assembly.outputs,
            api_auth=self._options.auth,
            api_key=self._credentials.api_key if self._credentials and self._api.keys else None,
        )


def _only(what: str, found: list[Found]) -> Found:
    if len(found) != 1:
        raise AssemblyError(f"the assembly has {len(found)} of: {what}; one is expected")
    return found[0]


async def _close_pools(pools: Mapping[str, ExecutionEnvironmentPool]) -> None:
    await asyncio.gather(*(pool.close() for pool in pools.values()))


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


async def _listen(stack: AsyncExitStack, listener: socket.socket, handler: Handler) -> None:
    # Bodies are passed on as they came: no decompression here.
    server = web.Server(
        _continuing(handler), access_log=None, auto_decompress=False, read_bufsize=1 << 20
    )
    runner = web.ServerRunner(server, shutdown_timeout=0.5)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()


def _continuing(handler: Handler) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        # boto3 waits a second for this before it sends a body; aiohttp's plain server omits it.
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await handler(request)

    return handle
