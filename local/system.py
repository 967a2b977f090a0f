"""Starts every part of the local system, and stops all at the end."""

import logging
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

from local.assembly.account import ACCESS_KEY, SECRET_KEY
from local.assembly.assembly import Assembly
from local.assembly.resources.log_subscription import LogSubscription
from local.endpoints import Endpoints
from local.errors import AssemblyError, LocalError
from local.functions.async_invoker import AsyncInvoker
from local.functions.event_journal import EventJournal
from local.functions.function_program import ServiceUrls
from local.functions.invoke_api import InvokeApi
from local.functions.log_watcher import LogWatcher
from local.functions.running_pools import running_pools
from local.functions.scheduler import Scheduler
from local.gateway.access_control import AccessControl
from local.gateway.api_gateway import ApiGateway
from local.gateway.caller_credentials import CallerCredentials
from local.http_listener import base_url, bind_anywhere, listen, listen_anywhere
from local.options import Options
from local.process_reaper import ProcessReaper
from local.s3.moto_process import MotoProcess
from local.s3.object_store import ObjectStore
from local.s3.proxy import S3Proxy
from local.sagemaker.service import SageMakerService
from local.state_folder import StateFolder

Item = TypeVar("Item")

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
        self._access_control: AccessControl | None = None
        if options.auth == "template":
            self._credentials = CallerCredentials.generate()
            self._access_control = AccessControl(
                self._api, assembly.account, assembly.region, self._credentials
            )

    async def serve(self, announce: Callable[[Endpoints], None]) -> None:
        """Runs until cancelled, then stops all. Calls `announce` when everything is ready.

        Raises LocalError when something can't be started, or the S3 server ends by itself.
        """
        shutil.rmtree(self._state.tmp, ignore_errors=True)
        self._state.logs.mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as stack:
            server, endpoints = await self._start(stack)
            stack.enter_context(self._state.published(endpoints.as_json()))
            announce(endpoints)
            await server.ended()
            raise LocalError(f"the S3 server ended by itself: see {self._state.logs / 's3.log'}")

    async def _start(self, stack: AsyncExitStack) -> tuple[MotoProcess, Endpoints]:
        # Ports first: a taken one is known before anything is started.
        api_socket = stack.enter_context(self._options.api_port.bind())
        s3_socket = stack.enter_context(self._options.s3_port.bind())
        invoke_socket = stack.enter_context(bind_anywhere())
        s3_url = base_url(s3_socket)
        reaper = ProcessReaper()
        stack.callback(reaper.close)
        server = await MotoProcess.start(self._state, self._assembly.region, reaper)
        stack.push_async_callback(server.close)
        sagemaker_url = await self._start_sagemaker(stack, reaper, server)
        invoke_url = base_url(invoke_socket)
        urls = ServiceUrls(s3=s3_url, sns=s3_url, sagemaker=sagemaker_url, invoke=invoke_url)
        limit = self._options.max_processes
        pools = await stack.enter_async_context(
            running_pools(self._assembly, self._state, reaper, urls, max_processes=limit)
        )
        journal = EventJournal(self._state.events)
        stack.callback(journal.close)
        send = self._queue_sender(server)
        invoker = AsyncInvoker(pools, send, self._options.retry_delay, journal)
        stack.push_async_callback(invoker.close)
        proxy = S3Proxy(server.url, self._assembly.buckets, invoker.submit, self._assembly.region)
        await stack.enter_async_context(proxy.connected())
        await listen(stack, s3_socket, proxy.handle)
        gateway = ApiGateway(self._api, self._assembly, pools, self._access_control)
        await listen(stack, api_socket, gateway.handle)
        await listen(stack, invoke_socket, InvokeApi(pools, invoker.submit).handle)
        queues = await self._create_resources(server, s3_url)
        invoker.resume()
        scheduler = Scheduler(
            self._assembly.rules,
            lambda arn, event: invoker.submit(self._assembly.invoked(arn), event),
        )
        stack.push_async_callback(scheduler.close)
        watcher = LogWatcher(self._followed_logs(), invoker.submit)
        stack.push_async_callback(watcher.close)
        return server, self._endpoints(base_url(api_socket), urls, invoke_url, queues)

    async def _start_sagemaker(
        self, stack: AsyncExitStack, reaper: ProcessReaper, server: MotoProcess
    ) -> str:
        """Starts SageMaker and returns its URL, empty if there is no endpoint."""
        if not self._assembly.endpoints:
            return ""
        service = SageMakerService(
            self._assembly.endpoints,
            ObjectStore(server.url, self._assembly.region),
            server.publish,
            state=self._state,
            reaper=reaper,
            server_command=self._options.sagemaker_server,
        )
        await service.create_buckets()
        stack.push_async_callback(service.close)
        return await listen_anywhere(stack, service.api.handle)

    def _followed_logs(self) -> list[tuple[LogSubscription, Path]]:
        return [
            (subscription, self._state.logs / f"{function.name}.log")
            for subscription in self._assembly.log_subscriptions
            for function in self._assembly.functions.values()
            if function.log_group == subscription.log_group
        ]

    def _queue_sender(self, server: MotoProcess) -> Callable[[str, str], Awaitable[None]]:
        async def send(queue_arn: str, body: str) -> None:
            name = self._assembly.queues[queue_arn].name
            await server.send_message(name, body)
            _log.error("a message went into the queue %s", name)

        return send

    async def _create_resources(self, server: MotoProcess, s3_url: str) -> dict[str, str]:
        """Creates buckets, topics and queues; returns the URL of each queue by its name."""
        for bucket in self._assembly.buckets.values():
            await server.create_bucket(bucket)
        for topic in self._assembly.topics:
            await server.create_topic(topic)
        return {
            queue.name: s3_url + await server.create_queue(queue.name)
            for queue in self._assembly.queues.values()
        }

    def _endpoints(
        self, api_url: str, urls: ServiceUrls, invoke_url: str, queues: Mapping[str, str]
    ) -> Endpoints:
        return Endpoints(
            api=f"{api_url}/{self._api.stage}",
            s3=urls.s3,
            bucket=self._bucket.name,
            region=self._assembly.region,
            access_key=self._credentials.access_key if self._credentials else ACCESS_KEY,
            secret_key=self._credentials.secret_key if self._credentials else SECRET_KEY,
            pid=os.getpid(),
            queues=queues,
            invoke=invoke_url,
            outputs=self._assembly.outputs,
            api_auth=self._options.auth,
            api_key=self._credentials.api_key if self._credentials and self._api.keys else None,
            sagemaker=urls.sagemaker or None,
        )


def _only(what: str, found: list[Item]) -> Item:
    if len(found) != 1:
        raise AssemblyError(f"the assembly has {len(found)} of: {what}; one is expected")
    return found[0]
