"""EventBridge's rules on a schedule: an event for each target, at the rule's rate.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import asyncio
import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from local.assembly.resources import Rule
from local.errors import AssemblyError

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


def interval(rule: Rule) -> int:
    """Read `rate(6 hours)`, in seconds. Raises AssemblyError for any other expression."""
    match = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", rule.expression)
    if match is None:
        raise AssemblyError(f"{rule.where}: {rule.expression} can't be run locally, only rate(…)")
    return int(match[1]) * UNIT_SECONDS[match[2]]


class Schedule:
    """Runs rules until it is closed; the first events come after one interval, as on AWS."""

    def __init__(self, rules: tuple[Rule, ...], submit: Callable[[str, bytes], None]) -> None:
        self._submit = submit
        self._tasks = [asyncio.create_task(self._run(rule)) for rule in rules]

    async def _run(self, rule: Rule) -> None:
        while True:
            await asyncio.sleep(interval(rule))
            for arn in rule.targets:
                self._submit(arn, json.dumps(form_event(rule)).encode())

    async def close(self) -> None:
        """Stop all rules."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def form_event(rule: Rule) -> dict[str, object]:
    """The event that EventBridge sends."""
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
