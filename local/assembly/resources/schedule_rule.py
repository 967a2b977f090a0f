"""EventBridge rules on a schedule.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from dataclasses import dataclass

from local.errors import AssemblyError

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True)
class RuleTarget:
    """A function that a rule calls.

    Attributes:
        event: the JSON text that it gets; None for the event of the schedule.
    """

    arn: str
    event: str | None = None


@dataclass(frozen=True)
class ScheduleRule:
    """An EventBridge rule on a schedule, and the functions that it calls."""

    where: str
    arn: str
    expression: str
    targets: tuple[RuleTarget, ...]


def interval_seconds(rule: ScheduleRule) -> int:
    """Parses `rate(6 hours)`. Raises AssemblyError for any other kind of expression."""
    match = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", rule.expression)
    if match is None:
        raise AssemblyError(f"{rule.where}: {rule.expression} can't be run locally, only rate(…)")
    return int(match[1]) * UNIT_SECONDS[match[2]]
