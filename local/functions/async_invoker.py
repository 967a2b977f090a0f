"""Lambda's asynchronous invocation: retries, then a record of the outcome for a destination.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from local.functions.event_journal import Event, EventJournal
from local.functions.execution_environment_pool import ExecutionEnvironmentPool
from local.functions.runtime_api import Invocation, InvocationResult
from local.json_types import JsonObject

EVENT_LIMIT = 1_048_576  # bytes of an asynchronous invocation's payload
# Lambda waits one minute before the first retry and two before the second. Here the first wait is
# the runner's --retry-delay, and the second is twice that.
RETRY_STEPS = (1, 2)

SendMessage = Callable[[str, str], Awaitable[None]]

_log = logging.getLogger("local")


class AsyncInvoker:
    """Queues events for functions, retries failures, and sends records to destinations.

    An event stays in the journal until its outcome was delivered.
    """

    def __init__(
        self,
        pools: Mapping[str, ExecutionEnvironmentPool],
        send_message: SendMessage,
        retry_delay: float,
        journal: EventJournal,
    ) -> None:
        self._pools = pools
        self._send_message = send_message
        self._retry_delay = retry_delay
        self._journal = journal
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, function_arn: str, payload: bytes) -> None:
        """Queues an event. Drops it, and logs an error, if Lambda would refuse it."""
        if len(payload) > EVENT_LIMIT:
            _log.error(
                "%s: an event of %d bytes is dropped: Lambda takes up to %d",
                function_arn,
                len(payload),
                EVENT_LIMIT,
            )
            return
        self._begin(self._journal.add(function_arn, payload))

    def resume(self) -> None:
        """Queues what an earlier run didn't finish, except events for functions that are gone."""
        for event in self._journal.pending():
            if event.function_arn in self._pools:
                self._begin(event)
            else:
                _log.error("%s is gone: an event for it is dropped", event.function_arn)
                self._journal.remove(event)

    async def close(self) -> None:
        """Stops the events under way; the next run resumes them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, event: Event) -> None:
        task = asyncio.create_task(self._process(event))
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("an event waits for the next start: %s", error, exc_info=error)

    async def _process(self, event: Event) -> None:
        pool = self._pools[event.function_arn]
        config = pool.function.events
        invocation = Invocation(event.payload)
        begin = time.monotonic()
        condition, count, result = "RetriesExhausted", 0, None
        while count <= config.retries:
            if time.monotonic() - begin > config.max_age_seconds:
                condition = "EventAgeExceeded"
                break
            result = await pool.invoke(invocation)
            count += 1
            if not result.error:
                condition = "Success"
                break
            if count <= config.retries:
                await asyncio.sleep(self._retry_delay * RETRY_STEPS[count - 1])
        destination = config.on_success if condition == "Success" else config.on_failure
        record = build_invocation_record(pool.function.arn, invocation, condition, count, result)
        if destination is not None:
            await self._deliver(destination, json.dumps(record, ensure_ascii=False))
        elif condition != "Success":
            _log.error("%s: the event is dropped: there is no OnFailure", pool.function.name)
        self._journal.remove(event)

    async def _deliver(self, destination: str, record: str) -> None:
        if destination in self._pools:
            self.submit(destination, record.encode())
        else:
            await self._send_message(destination, record)


def build_invocation_record(
    function_arn: str,
    invocation: Invocation,
    condition: str,
    count: int,
    result: InvocationResult | None,
) -> JsonObject:
    """Builds the record of an invocation that a destination gets."""
    context: JsonObject = {"statusCode": 200, "executedVersion": "$LATEST"}
    if result and result.error:
        context["functionError"] = result.error
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "version": "1.0",
        "timestamp": stamp,
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": f"{function_arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": count,
        },
        "requestPayload": json.loads(invocation.payload),
        "responseContext": context if result else None,
        "responsePayload": json.loads(result.payload) if result else None,
    }
