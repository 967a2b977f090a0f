"""Hands lines of functions' logs to the functions that subscribe to them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import asyncio
import base64
import gzip
import json
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from local.assembly.resources.log_subscription import LogSubscription

WATCH_SECONDS = 0.5


class LogWatcher:
    """Reads what is added to logs until it is closed.

    Args:
        followed: each subscription, and the file that its log is written to.
        submit: queues an event for a function.
    """

    def __init__(
        self,
        followed: Sequence[tuple[LogSubscription, Path]],
        submit: Callable[[str, bytes], None],
    ) -> None:
        self._submit = submit
        self._tasks = [asyncio.create_task(self._follow(*each)) for each in followed]

    async def close(self) -> None:
        """Stops reading."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, subscription: LogSubscription, path: Path) -> None:
        offset = path.stat().st_size if path.exists() else 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if not path.exists():
                continue
            with path.open("rb") as file:
                file.seek(offset)
                added = file.read()
            whole = added[: added.rfind(b"\n") + 1]
            offset += len(whole)
            lines = whole.decode(errors="replace").splitlines(keepends=True)
            found = [line for line in lines if subscription.word in line]
            if found:
                self._submit(subscription.target, build_log_event(subscription, found))


def build_log_event(subscription: LogSubscription, lines: Sequence[str]) -> bytes:
    """Builds the event that CloudWatch Logs sends to a function."""
    now = int(time.time() * 1000)
    told = {
        "messageType": "DATA_MESSAGE",
        "owner": subscription.arn.split(":")[4],
        "logGroup": subscription.log_group,
        "logStream": "local",
        "subscriptionFilters": [subscription.where],
        "logEvents": [
            {"id": uuid.uuid4().hex, "timestamp": now, "message": line} for line in lines
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(told).encode())).decode()
    return json.dumps({"awslogs": {"data": data}}).encode()
