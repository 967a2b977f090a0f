"""Sends the events of EventBridge rules on a schedule."""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from local.assembly.resources.schedule_rule import ScheduleRule, interval_seconds


class Scheduler:
    """Runs rules until it is closed; the first events come after one interval, as on AWS."""

    def __init__(
        self, rules: tuple[ScheduleRule, ...], submit: Callable[[str, bytes], None]
    ) -> None:
        self._submit = submit
        self._tasks = [asyncio.create_task(self._run(rule)) for rule in rules]

    async def _run(self, rule: ScheduleRule) -> None:
        while True:
            await asyncio.sleep(interval_seconds(rule))
            for target in rule.targets:
                event = target.event or json.dumps(build_scheduled_event(rule))
                self._submit(target.arn, event.encode())

    async def close(self) -> None:
        """Stops all rules."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def build_scheduled_event(rule: ScheduleRule) -> dict[str, object]:
    """Builds the event that EventBridge sends to a target."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.arn.split(":")[4],
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": rule.arn.split(":")[3],
        "resources": [rule.arn],
        "detail": {},
    }
